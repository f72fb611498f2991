import type { Address, Cell } from "@ton/core";
import { internal } from "@ton/sandbox";
import { vaultBody } from "../../wrappers/Vault.ts";
import type { VaultProposal } from "../../wrappers/Vault.ts";
import { VaultOp, VaultTerms } from "../../wrappers/vault-codes.ts";
import { buildFunds, coins } from "../test-funds.ts";
import { contractEvent } from "./contract-event.ts";
import { must } from "./part.ts";
import type { Dice, Part } from "./part.ts";

const LIMIT = coins(5);

/** Deposits, daily payouts and proposals by the right people and the wrong ones. */
export const vaultPart: Part = async (chain) => {
  const { vault, parties } = await buildFunds(chain);
  const { hot, guardian, treasury, stranger } = parties;
  const from = (sender: Address, body: Cell, value: bigint) =>
    internal({ from: sender, to: vault.address, value, body });

  const anybody = (dice: Dice) => dice.pick([guardian, treasury, hot, stranger]).address;

  return () => {
    const began = chain.time;
    let drawn = 0n;
    let proposed: { at: number; what: number } | null = null;
    return {
      act(dice) {
        const sender = anybody(dice);
        const value = dice.seldom(6) ? dice.amount(coins(0.002)) : coins(0.05);
        const what = dice.pick<VaultProposal>([
          { kind: "sweep", amount: dice.amount(coins(30)) },
          { kind: "setLimits", dailyLimit: dice.amount(LIMIT), poolLimit: dice.amount(LIMIT) },
        ]);
        const body = dice.pick([
          vaultBody.payHot({ amount: dice.amount(coins(6)) }),
          vaultBody.deposit({ userId: 1n }),
          vaultBody.propose({ what }),
          vaultBody.execute(),
          vaultBody.cancel(),
          vaultBody.stopHot(),
          null,
        ]);
        if (body) return from(sender, body, value);
        chain.advance(dice.pick([60, 3600, VaultTerms.PROPOSAL_DELAY, VaultTerms.PROPOSAL_WINDOW]));
        return null;
      },

      watch(transaction) {
        const event = contractEvent(transaction, vault.address);
        if (!event) return;
        const { op, body, sender, sent, now, lost } = event;
        const keeper = [guardian, treasury].some(({ address }) => address.equals(sender));
        if (op === VaultOp.Propose || op === VaultOp.Cancel || op === VaultOp.StopHot)
          must(keeper, "only keepers decide");
        if (op === VaultOp.Propose) proposed = { at: now, what: body.skip(64).loadUint(32) };
        if (op === VaultOp.StopHot && proposed?.what === VaultOp.SetLimits) proposed = null;
        if (op === VaultOp.Cancel) proposed = null;
        if (op === VaultOp.Execute) {
          const age = now - (proposed?.at ?? now);
          must(age >= VaultTerms.PROPOSAL_DELAY, "a proposal waits out its delay");
          must(age < VaultTerms.PROPOSAL_DELAY + VaultTerms.PROPOSAL_WINDOW, "a proposal is void after its window");
          proposed = null;
        }
        let instructed = 0n;
        for (const { op: out, body: order, to } of sent) {
          if (out !== VaultOp.PaidOut && out !== VaultOp.Swept) continue;
          const amount = order.skip(64).loadCoins();
          must(to.equals(out === VaultOp.PaidOut ? hot.address : treasury.address), "money goes to its role only");
          if (out === VaultOp.PaidOut) drawn += amount;
          instructed += amount;
        }
        must(lost <= instructed, `a vault loses what it was told to pay: ${lost} instead of ${instructed}`);
        const allowed = LIMIT + (LIMIT * BigInt(now - began)) / BigInt(VaultTerms.ALLOWANCE_PERIOD);
        must(drawn <= allowed, `the hot wallet drew ${drawn} of ${allowed}`);
      },

      async settle() {
        must(
          ((await vault.getState()).proposal === null) === (proposed === null),
          "a proposal is pending as it was decided",
        );
      },
    };
  };
};
