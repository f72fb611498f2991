import { toNano } from "@ton/core";
import type { Address, Cell } from "@ton/core";
import { internal } from "@ton/sandbox";
import {
  executeSlashBody,
  requestUnbondBody,
  stakeBody,
  withdrawUnbondedBody,
} from "../../wrappers/ContributorAccount.ts";
import { ContributorAccountOp, ContributorAccountTerms as Terms } from "../../wrappers/contributor-account-codes.ts";
import { RewardDistributorOp, RewardDistributorTerms } from "../../wrappers/reward-distributor-codes.ts";
import {
  claimBody,
  plainBody,
  proposeRootBody,
  relayCancelSlashBody,
  relaySlashBody,
} from "../../wrappers/RewardDistributor.ts";
import { DAY, PLENTY, RewardWorld, rootOf, treeOf } from "../test-rewards.ts";
import { contractEvent, leftAt } from "./contract-event.ts";
import { must } from "./part.ts";
import type { Dice, Part } from "./part.ts";

const EPOCH_CAP = toNano(400);
const BUCKET = BigInt(RewardDistributorTerms.BUCKET_EPOCHS) * EPOCH_CAP;

/**
 * Three contributors, honest and impatient, a publisher whose key a thief has too, and a guardian: epochs and wrong roots, claims of every
 * age, slashes, freezes and revocations, in every order.
 */
export const rewardsPart: Part = async (chain) => {
  const world = await RewardWorld.on(chain, { pool: toNano(6000), epochCap: EPOCH_CAP });
  const { distributor, publisher, guardian, stranger } = world;
  const thief = await world.contributor("dan");
  const honest = [
    await world.contributor("ann"),
    await world.contributor("ben"),
    await world.contributor("cyn"),
  ] as const;
  const people = [...honest, thief] as const;

  // The first epoch is claimable when a sequence begins, by two who have staked and two whose accounts are still to be deployed.
  for (const { wallet, account } of honest.slice(0, 2))
    await account.sendStake(wallet.getSender(), { value: toNano(11), amount: toNano(10) });
  const first = honest.map(() => toNano(50));
  await world.publish(treeOf(honest.map(({ address }, person) => [address, first[person]!])));
  const firstEpoch = { tree: world.tree!, leaves: [...first, 0n] };

  return () => {
    const published = [firstEpoch];
    const largestLeaf = [...firstEpoch.leaves];
    const paid = people.map(() => 0n);
    const spare = people.map(() => 0n);
    let bucket = { holds: BUCKET, at: 0 };

    /** The next epoch after the current root. A stolen one raises the thief's leaf above the epoch cap and lowers no other. */
    const propose = async (dice: Dice): Promise<Cell> => {
      const { epoch, root, totalCum } = await distributor.getData();
      const before = published.find(({ tree }) => rootOf(tree) === root)?.leaves ?? firstEpoch.leaves;
      const stolen = dice.seldom(4) ? 20n * EPOCH_CAP : 0n;
      const leaves = before.map((leaf, person) =>
        people[person] === thief ? leaf + stolen : leaf + dice.amount(toNano(150)),
      );
      const tree = treeOf(
        people.flatMap(({ address }, person) => (leaves[person]! > 0n ? [[address, leaves[person]!]] : [])),
      );
      published.push({ tree, leaves });
      for (const [person, leaf] of leaves.entries()) largestLeaf[person] = max(largestLeaf[person]!, leaf);
      const added = tree.total - before.reduce((sum, leaf) => sum + leaf, 0n);
      const total = totalCum + (stolen > 0n ? EPOCH_CAP : added);
      return proposeRootBody({ epoch: epoch + 1, root: rootOf(tree), totalCum: total, dataHash: 0n });
    };

    /** The model's own leaky bucket: payouts never exceed its content, whatever root is current. */
    const drain = (amount: bigint, now: number) => {
      const held = bucket.holds + (EPOCH_CAP * BigInt(now - bucket.at)) / BigInt(DAY);
      bucket = { holds: (held < BUCKET ? held : BUCKET) - amount, at: now };
      must(bucket.holds >= 0n, "a wrong root drains no more than the bucket");
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
          const { root } = await distributor.getData();
          const current = published.find(({ tree }) => rootOf(tree) === root);
          const { tree } = (dice.seldom(3) ? published.at(-1 - dice.number(3)) : current) ?? firstEpoch;
          const exists = (await chain.getContract(one.account.address)).accountState?.type === "active";
          const body = claimBody({
            owner: one.address,
            deploy: dice.seldom(6) ? exists : !exists,
            proof: tree.proof(one.address.hash),
          });
          return at(distributor.address, sender(one.address), body);
        }
        if (kind === "publish") {
          if ((await distributor.getData()).pending === null)
            return at(distributor.address, sender(publisher.address), await propose(dice));
          if (!dice.seldom(4)) chain.advance(DAY);
          return at(distributor.address, stranger.address, plainBody("ActivateRoot"));
        }
        if (kind === "stake") {
          const amount = dice.amount(toNano(20));
          return at(one.account.address, sender(one.address), stakeBody(amount), dice.seldom(4) ? 0n : amount);
        }
        const staker = dice.pick([honest[0], honest[1], one]);
        if (kind === "unbond") {
          if (dice.seldom(2))
            return at(staker.account.address, sender(staker.address), requestUnbondBody(dice.amount(toNano(10))));
          if (!dice.seldom(3)) chain.advance(Terms.UNBOND_SECONDS);
          return at(staker.account.address, sender(staker.address), withdrawUnbondedBody());
        }
        if (kind === "slash") {
          const slash = relaySlashBody({ owner: staker.address, amount: dice.amount(toNano(4)), reason: 1n });
          const kind = dice.pick(["propose", "propose", "execute", "execute", "cancel"]);
          if (kind === "propose") return at(distributor.address, sender(publisher.address), slash);
          if (kind === "cancel")
            return at(distributor.address, sender(guardian.address), relayCancelSlashBody(staker.address));
          if (!dice.seldom(3)) chain.advance(Terms.APPEAL_SECONDS);
          return at(staker.account.address, stranger.address, executeSlashBody());
        }
        if (kind === "guard") {
          const frozen = (await distributor.getData()).frozenUntil > chain.time;
          const message = frozen
            ? dice.pick(["RevokeRoot", "Unfreeze", "Unfreeze"] as const)
            : dice.pick(["Freeze", "Freeze", "VetoRoot"] as const);
          return at(distributor.address, sender(guardian.address), plainBody(message));
        }
        chain.advance(dice.pick([60, DAY, DAY, Terms.UNBOND_SECONDS]));
        return null;
      },

      watch(transaction) {
        const there = contractEvent(transaction, distributor.address);
        if (there?.op === RewardDistributorOp.PayOut) {
          const { body, lost, now } = there;
          body.skip(64).loadMaybeRef();
          const amount = body.loadCoins();
          const owner = body.loadBuffer(32);
          const person = people.findIndex(({ address }) => address.hash.equals(owner));
          paid[person]! += amount;
          must(paid[person]! <= largestLeaf[person]!, "nobody is paid more than a leaf says");
          drain(amount, now);
          must(lost === amount, `the pool loses what it pays and no gas: ${lost} for ${amount}`);
        } else if (there) must(there.lost <= 0n, `the pool pays for nothing else, and lost ${there.lost}`);
        for (const [person, { account }] of people.entries()) {
          const here = contractEvent(transaction, account.address);
          const byOwner = here?.op === ContributorAccountOp.Stake || here?.op === ContributorAccountOp.RequestUnbond;
          // What a failed message left is refunded with the owner's next message, and nothing else is.
          if (byOwner) must(here.lost <= spare[person]!, `a stake pays no gas, and lost ${here.lost}`);
          if (byOwner || here?.op === ContributorAccountOp.WithdrawUnbonded) spare[person] = 0n;
          else spare[person]! += leftAt(transaction, account.address);
          if (here?.op === ContributorAccountOp.ExecuteSlash)
            must(here.lost <= here.sent[0]!.value, "a slash takes what it burns and no gas");
          else if (here?.sender.equals(distributor.address))
            must(here.lost <= 0n, `a stake pays nothing for others, and lost ${here.lost}`);
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

const max = (a: bigint, b: bigint) => (a > b ? a : b);
