import type { Address, Cell } from "@ton/core";
import { internal } from "@ton/sandbox";
import { RewardDistributorOp } from "../../wrappers/reward-distributor-codes.ts";
import { vaultBody } from "../../wrappers/Vault.ts";
import type { VaultProposal } from "../../wrappers/Vault.ts";
import { VaultOp, VaultTerms } from "../../wrappers/vault-codes.ts";
import { buildFunds, coins, DAILY_LIMIT, POOL_LIMIT } from "../test-funds.ts";
import { AllowanceLaw } from "./allowance-law.ts";
import { contractEvent } from "./contract-event.ts";
import type { ContractEvent } from "./contract-event.ts";
import { must } from "./part.ts";
import type { Dice, Part } from "./part.ts";

/** Deposits, payouts to the hot wallet and the reward pool, and proposals with approvals, by the right people and the wrong ones. */
export const vaultPart: Part = async (chain) => {
  const { vault, pool, parties } = await buildFunds(chain);
  const { hot, guardian, treasury, stranger } = parties;
  const from = (sender: Address, body: Cell, value: bigint) =>
    internal({ from: sender, to: vault.address, value, body });

  return () => {
    const state = { dailyLimit: DAILY_LIMIT, poolLimit: POOL_LIMIT };
    const daily = new AllowanceLaw("the hot wallet", VaultTerms.ALLOWANCE_PERIOD, DAILY_LIMIT);
    const toPool = new AllowanceLaw("the reward pool", VaultTerms.ALLOWANCE_PERIOD, POOL_LIMIT);
    let proposed: { by: Address; at: number; what: Cell } | null = null;
    let last: VaultProposal = { kind: "sweep", amount: 1n };

    return {
      act(dice) {
        const kind = dice.pick([
          "payHot",
          "payPool",
          "propose",
          "approve",
          "execute",
          "wait",
          "cancel",
          "stop",
          "deposit",
        ]);
        if (kind === "wait") {
          chain.advance(dice.pick([60, 3600, VaultTerms.PROPOSAL_DELAY, VaultTerms.PROPOSAL_WINDOW]));
          return null;
        }
        const sender = dice.pick([guardian, treasury, hot, stranger]).address;
        const value = dice.seldom(6) ? dice.amount(coins(0.002)) : coins(0.05);
        return from(sender, bodyOf(kind, dice), value);
      },

      watch(transaction) {
        const event = contractEvent(transaction, vault.address);
        if (!event) return;
        followProposal(event);
        let instructed = 0n;
        for (const { op, body, to } of event.sent) {
          const receiver =
            op === VaultOp.PaidOut
              ? hot
              : op === VaultOp.Swept
                ? treasury
                : op === RewardDistributorOp.FundPool
                  ? pool
                  : null;
          if (!receiver) continue;
          const amount = body.skip(64).loadCoins();
          must(to.equals(receiver.address), "money goes to its role only, and to the reward pool");
          if (op === VaultOp.PaidOut) daily.drawn(event.now, amount);
          if (op === RewardDistributorOp.FundPool) toPool.drawn(event.now, amount);
          if (op !== VaultOp.Swept) must(event.sender.equals(hot.address), "by the hot wallet's order");
          instructed += amount;
        }
        must(event.lost <= instructed, `a vault loses what it was told to pay: ${event.lost} instead of ${instructed}`);
      },

      async settle() {
        const { proposal, dailyLimit, poolLimit } = await vault.getState();
        must((proposal === null) === (proposed === null), "a proposal is pending as it was decided");
        must(dailyLimit === state.dailyLimit && poolLimit === state.poolLimit, "limits are as they were decided");
      },
    };

    function bodyOf(kind: string, dice: Dice): Cell {
      if (kind === "payHot") return vaultBody.payHot({ amount: dice.amount(coins(6)) });
      if (kind === "payPool") return vaultBody.payPool({ amount: dice.amount(coins(24)) });
      if (kind === "approve") return vaultBody.approve({ what: dice.seldom(4) ? { kind: "sweep", amount: 7n } : last });
      if (kind === "execute") return vaultBody.execute();
      if (kind === "cancel") return vaultBody.cancel();
      if (kind === "stop") return vaultBody.stopHot();
      if (kind === "deposit") return vaultBody.deposit({ userId: 1n });
      last = dice.pick<VaultProposal>([
        { kind: "setLimits", dailyLimit: dice.amount(DAILY_LIMIT), poolLimit: dice.amount(POOL_LIMIT) },
        { kind: "sweep", amount: dice.amount(coins(30)) },
      ]);
      return vaultBody.propose({ what: last });
    }

    function followProposal({ op, body, sender, now }: ContractEvent): void {
      const keeper = [guardian, treasury].some(({ address }) => address.equals(sender));
      if (op === VaultOp.StopHot) {
        must(keeper, "only keepers stop");
        state.dailyLimit = state.poolLimit = 0n;
        if (opOf(proposed?.what) === VaultOp.SetLimits) proposed = null;
      }
      if (op === VaultOp.Propose) {
        must(keeper && proposed === null, "only keepers propose, one thing at a time");
        proposed = { by: sender, at: now + VaultTerms.PROPOSAL_DELAY, what: body.skip(64).asCell() };
      }
      if (op === VaultOp.Cancel) {
        must(keeper && proposed !== null, "only keepers cancel");
        proposed = null;
      }
      if (op === VaultOp.Approve) {
        must(keeper && proposed !== null && !proposed.by.equals(sender), "the other keeper approves");
        must(body.skip(64).asCell().equals(proposed!.what), "what is pending");
        proposed!.at = Math.min(proposed!.at, now);
      }
      if (op === VaultOp.Execute) {
        must(proposed !== null && now >= proposed.at, "a proposal waits out its delay or the other's approval");
        must(now < proposed!.at + VaultTerms.PROPOSAL_WINDOW, "a proposal is void after its window");
        const what = proposed!.what.beginParse();
        if (what.loadUint(32) === VaultOp.SetLimits) limit(what.loadCoins(), what.loadCoins());
        proposed = null;
      }
    }

    function limit(dailyLimit: bigint, poolLimit: bigint): void {
      Object.assign(state, { dailyLimit, poolLimit });
      daily.limited(dailyLimit);
      toPool.limited(poolLimit);
    }
  };
};

const opOf = (what: Cell | undefined): number | undefined => what?.beginParse().loadUint(32);
