import { type Address, type Cell, toNano } from "@ton/core";
import { internal } from "@ton/sandbox";
import {
  executeSlashBody,
  requestUnbondBody,
  stakeBody,
  withdrawUnbondedBody,
} from "../../wrappers/ContributorAccount.ts";
import { ContributorAccountOp, ContributorAccountTerms as Terms } from "../../wrappers/contributor-account-codes.ts";
import type { RewardTree } from "../../wrappers/merkle.ts";
import { RewardDistributorOp } from "../../wrappers/reward-distributor-codes.ts";
import {
  claimBody,
  plainBody,
  proposeRootBody,
  relayCancelSlashBody,
  relaySlashBody,
} from "../../wrappers/RewardDistributor.ts";
import { DAY, PLENTY, RewardWorld, rootOf, treeOf } from "../test-rewards.ts";
import { happened } from "./happened.ts";
import { type Dice, must, type Part } from "./part.ts";

/** Three contributors, honest and impatient, a publisher and a guardian: epochs, claims of every age, slashes, freezes, in every order. */
export const rewardsPart: Part = async (chain) => {
  const world = await RewardWorld.on(chain, { pool: toNano(900) });
  const { distributor, publisher, guardian, stranger } = world;
  const people = [
    await world.contributor("ann"),
    await world.contributor("ben"),
    await world.contributor("cyn"),
  ] as const;

  return () => {
    const trees: RewardTree[] = [];
    const earned = people.map(() => 0n);
    const paid = people.map(() => 0n);

    const propose = async (dice: Dice): Promise<Cell> => {
      for (const [person] of people.entries()) earned[person]! += dice.amount(toNano(300));
      const tree = treeOf(people.map(({ address }, person) => [address, earned[person]!]));
      trees.push(tree);
      const { epoch } = await distributor.getData();
      return proposeRootBody({ epoch: epoch + 1, root: rootOf(tree), totalCum: tree.total, dataHash: 0n });
    };

    return {
      async act(dice) {
        const kind = dice.pick([
          "claim",
          "claim",
          "claim",
          "publish",
          "publish",
          "stake",
          "unbond",
          "slash",
          "guard",
          "wait",
        ]);
        const one = dice.pick(people);
        const value = dice.seldom(6) ? dice.amount(toNano("0.005")) : PLENTY;
        const at = (to: Address, from: Address, body: Cell, more = 0n) =>
          internal({ from, to, value: value + more, body });
        const sender = (usual: Address) => (dice.seldom(6) ? stranger.address : usual);
        if (kind === "claim") {
          const tree = trees.at(-1 - dice.number(3));
          if (!tree) return null;
          const body = claimBody({ owner: one.address, deploy: dice.seldom(2), proof: tree.proof(one.address.hash) });
          return at(distributor.address, sender(one.address), body);
        }
        if (kind === "publish") {
          if (dice.seldom(2)) return at(distributor.address, stranger.address, plainBody("ActivateRoot"));
          return at(distributor.address, sender(publisher.address), await propose(dice));
        }
        if (kind === "stake") {
          const amount = dice.amount(toNano(20));
          return at(one.account.address, sender(one.address), stakeBody(amount), dice.seldom(4) ? 0n : amount);
        }
        if (kind === "unbond") {
          const body = dice.seldom(2) ? withdrawUnbondedBody() : requestUnbondBody(dice.amount(toNano(10)));
          return at(one.account.address, sender(one.address), body);
        }
        if (kind === "slash") {
          const slash = relaySlashBody({ owner: one.address, amount: dice.amount(toNano(6)), reason: 1n });
          if (dice.seldom(3)) return at(one.account.address, stranger.address, executeSlashBody());
          if (dice.seldom(3))
            return at(distributor.address, sender(guardian.address), relayCancelSlashBody(one.address));
          return at(distributor.address, sender(publisher.address), slash);
        }
        if (kind === "guard")
          return at(
            distributor.address,
            sender(guardian.address),
            plainBody(dice.pick(["VetoRoot", "Freeze", "Unfreeze"])),
          );
        chain.advance(dice.pick([60, DAY, DAY, Terms.UNBOND_SECONDS + DAY]));
        return null;
      },

      watch(transaction) {
        const there = happened(transaction, distributor.address);
        if (there?.op === RewardDistributorOp.PayOut) {
          const { body, lost } = there;
          body.skip(64).loadMaybeAddress();
          const amount = body.loadCoins();
          const owner = body.loadBuffer(32);
          const person = people.findIndex(({ address }) => address.hash.equals(owner));
          paid[person]! += amount;
          must(paid[person]! <= earned[person]!, "nobody is paid more than a leaf says");
          must(lost === amount, `the pool loses what it pays and no gas: ${lost} for ${amount}`);
        } else if (there) must(there.lost <= 0n, `the pool pays for nothing else, and lost ${there.lost}`);
        for (const { account } of people) {
          const here = happened(transaction, account.address);
          const leaves =
            here?.op === ContributorAccountOp.WithdrawUnbonded || here?.op === ContributorAccountOp.ExecuteSlash;
          if (here && !leaves) must(here.lost <= 0n, `a stake pays no gas, and lost ${here.lost}`);
          if (here?.op === ContributorAccountOp.ExecuteSlash)
            must(here.lost <= here.sent[0]!.value, "a slash takes what it burns and no gas");
        }
      },

      async settle() {
        const { totalPaid, totalCum } = await distributor.getData();
        must(totalPaid <= totalCum, "no more is paid than was published");
        must(totalPaid === paid.reduce((sum, amount) => sum + amount, 0n), "what was paid is counted");
        for (const [person, { account }] of people.entries()) {
          if ((await chain.getContract(account.address)).accountState?.type !== "active") continue;
          const { claimed, stake, unbonding, disputed } = await account.getData();
          must(claimed === paid[person], "what was paid is claimed, also after bounces");
          must(disputed <= stake + unbonding, "no more is disputed than is there");
          must((await chain.balanceOf(account.address)) >= stake + unbonding, "a stake is there to the nano unit");
        }
      },
    };
  };
};
