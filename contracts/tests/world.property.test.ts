import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ContributorAccountOp as Account } from "../wrappers/contributor-account-codes.ts";
import { EscrowOp as Escrow } from "../wrappers/escrow-codes.ts";
import { RewardDistributorOp as Distributor } from "../wrappers/reward-distributor-codes.ts";
import { VaultOp as Vault } from "../wrappers/vault-codes.ts";
import { escrowPart } from "./world/escrow-part.ts";
import { agedRewardsPart, rewardsPart } from "./world/rewards-part.ts";
import { buildWorld, runSequence, sequences } from "./world/run-sequence.ts";
import type { Step } from "./world/run-sequence.ts";
import { vaultPart } from "./world/vault-part.ts";

/** All parts that share the chain. */
const parts = [escrowPart, vaultPart, rewardsPart];

// 2,000 sequences over both price lists take a quarter of an hour of a free core; eight show that the laws are still checked.
const numRuns = process.env.LONG_TESTS ? 1000 : 4;

/** Operations that must succeed at least once in a thousand sequences. */
const PLAYED = !process.env.LONG_TESTS
  ? []
  : [
      [Escrow.TopUp, Escrow.Redeem, Escrow.RequestClose, Escrow.Withdraw, Escrow.CloseTogether, Escrow.SetKey],
      [Escrow.AddKey, Escrow.RaiseCap, Escrow.CancelClose, Vault.PayPool, Vault.Approve],
      [Vault.Deposit, Vault.PayHot, Vault.StopHot, Vault.Propose, Vault.Cancel, Vault.Execute],
      [Account.Stake, Account.RequestUnbond, Account.WithdrawUnbonded, Account.ExecuteSlash],
      [Account.AccrueClaim, Account.ProposeSlash, Account.CancelSlash],
      [Distributor.Claim, Distributor.PayOut, Distributor.ProposeRoot, Distributor.ActivateRoot, Distributor.VetoRoot],
      [Distributor.Freeze, Distributor.Unfreeze, Distributor.RevokeRoot, Distributor.ChallengeDecrease],
      [Distributor.NamePublisher, Distributor.AcceptPublisher, Distributor.RejectPublisher, Distributor.EndorseRoot],
      [Distributor.ProposeCap, Distributor.AcceptCap, Distributor.ApplyCap],
    ].flat();

/**
 * For each price list the message of an owner that pays its gas and leaves less than a refund costs, and then one that refunds what was left.
 * The choices: to unbond; as the first of the stakers; a request of some amount, from its owner, with 0.4 or 2.4 million nano units or plenty.
 */
const BARELY_PAID: [Step[]][] = [79, 479].map((thousandths) => [
  [
    { part: 0, choices: [6, 0, 0, 1, 0, 5, thousandths, 0], run: 4 },
    { part: 0, choices: [6, 0, 0, 1, 0, 0, 0, 0], run: 4 },
  ],
]);

describe.each(["june-2026", "before-april-2026"] as const)(
  "whatever people do in whatever order, at the prices of %s",
  (prices) => {
    test("no law breaks and no nano unit is lost", { timeout: 7_200_000 }, async () => {
      const world = await buildWorld(prices, parts);
      const succeeded: number[] = [];
      const property = fc.asyncProperty(sequences, async (steps) => {
        succeeded.push(...(await runSequence(world, steps)));
      });
      await fc.assert(property, { numRuns });
      // A check that saw nothing would be green too.
      expect(succeeded.length).toBeGreaterThan(numRuns * 10);
      const seen = new Set(succeeded);
      expect(PLAYED.filter((op) => !seen.has(op))).toEqual([]);
    });
  },
);

describe.each(["june-2026", "before-april-2026"] as const)(
  "whatever contributors do over decades, at the prices of %s",
  (prices) => {
    test("no rent takes a claim, and no law breaks", { timeout: 7_200_000 }, async () => {
      const world = await buildWorld(prices, [agedRewardsPart]);
      let accepted = 0;
      const property = fc.asyncProperty(sequences, async (steps) => {
        accepted += (await runSequence(world, steps)).length;
      });
      await fc.assert(property, { numRuns: BARELY_PAID.length + numRuns, examples: BARELY_PAID });
      expect(accepted).toBeGreaterThan(numRuns * 5);
    });
  },
);
