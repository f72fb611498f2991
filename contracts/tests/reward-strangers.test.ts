import { Address, beginCell, Cell, toNano } from "@ton/core";
import { internal } from "@ton/sandbox";
import { describe, expect, test } from "vitest";
import { ContributorAccountOp } from "../wrappers/contributor-account-codes.ts";
import { RewardDistributorOp } from "../wrappers/reward-distributor-codes.ts";
import { claimBody, nameGuardianBody, namePublisherBody } from "../wrappers/RewardDistributor.ts";
import { earnedWorld } from "./test-earned.ts";
import { PLENTY } from "./test-rewards.ts";

const bodyOf = (op: number) => beginCell().storeUint(op, 32).storeUint(0, 64);
const payOutOf = (owner: Address, amount: bigint) =>
  bodyOf(RewardDistributorOp.PayOut).storeMaybeRef(null).storeCoins(amount).storeBuffer(owner.hash).endCell();

describe("strangers", () => {
  test("reach no handler of a role, of the account or of the distributor", async () => {
    const { world, alice } = await earnedWorld();
    const masterchainTwin = new Address(-1, alice.address.hash);
    const proof = world.tree!.proof(alice.address.hash);
    const anybody = new Set<number>([
      RewardDistributorOp.Claim,
      RewardDistributorOp.ActivateRoot,
      RewardDistributorOp.ChallengeDecrease,
      ContributorAccountOp.ExecuteSlash,
      RewardDistributorOp.RewardPaid,
      RewardDistributorOp.FundPool,
      RewardDistributorOp.ApplyCap,
      ContributorAccountOp.SlashProceeds,
    ]);
    const before = [await world.distributor.getData(), await alice.account.getData()].map(String);
    for (const from of [world.stranger.address, masterchainTwin, alice.account.address, world.distributor.address]) {
      for (const [to, ops] of [
        [world.distributor.address, RewardDistributorOp],
        [alice.account.address, ContributorAccountOp],
      ] as const) {
        for (const op of Object.values(ops).filter((code) => !anybody.has(code))) {
          const expectsStranger = !(from.equals(world.distributor.address) && to.equals(alice.account.address));
          if (!expectsStranger || (from.equals(alice.account.address) && op === RewardDistributorOp.PayOut)) continue;
          // Fields that most messages can parse; unparsable messages have their own test.
          const body = bodyOf(op)
            .storeAddress(alice.address)
            .storeCoins(1)
            .storeUint(0, 512)
            .storeRef(proof)
            .storeRef(Cell.EMPTY)
            .endCell();
          const { transactions } = await world.chain.sendMessage(internal({ from, to, value: PLENTY, body }));
          expect(world.story(transactions)[0]).toContain("✗ NOT_THE_");
        }
      }
    }
    expect([await world.distributor.getData(), await alice.account.getData()].map(String)).toEqual(before);
  });

  test("get unknown or truncated messages back, and an empty one is a gift", async () => {
    const { world, alice } = await earnedWorld();
    for (const to of [world.distributor.address, alice.account.address]) {
      const send = async (body: Cell) => {
        const { transactions } = await world.stranger.send({ to, value: toNano(1), body });
        return world.story(transactions);
      };
      expect((await send(beginCell().storeUint(0xdeadbeef, 32).storeUint(1, 64).endCell()))[0]).toContain("UNKNOWN_OP");
      expect((await send(beginCell().storeUint(7, 5).endCell()))[0]).toContain("✗");
      expect((await send(beginCell().storeUint(0, 32).storeStringTail("for you").endCell()))[0]).toContain(
        "UNKNOWN_OP",
      );
      expect(await send(Cell.EMPTY)).toHaveLength(1);
    }
    expect((await alice.account.getData()).stake).toBe(toNano(2));
  });

  test("in the masterchain are neither owners nor publishers nor guardians", async () => {
    const { world, alice } = await earnedWorld();
    const masterchain = new Address(-1, alice.address.hash);
    for (const body of [namePublisherBody({ publisher: masterchain, dismiss: false }), nameGuardianBody(masterchain)]) {
      const sent = await world.guardian.send({ to: world.distributor.address, value: PLENTY, body });
      expect(world.story(sent.transactions)[0]).toContain("WRONG_WORKCHAIN");
    }
    await expect(world.distributor.getAccountAddress(masterchain)).rejects.toThrow("652");
    expect(() => claimBody({ owner: masterchain, deploy: false, proof: Cell.EMPTY })).toThrow("basechain");
  });

  test("cannot trigger a payout, neither for themselves nor from another's account", async () => {
    const { world, alice, bob } = await earnedWorld();
    for (const from of [world.stranger.address, alice.account.address, bob.address]) {
      const body = payOutOf(bob.address, toNano(5));
      const sent = internal({ from, to: world.distributor.address, value: PLENTY, body });
      expect(world.story((await world.chain.sendMessage(sent)).transactions)[0]).toContain("NOT_THE_ACCOUNT");
    }
    expect((await world.distributor.getData()).totalPaid).toBe(0n);
  });

  test("cannot forge a bounced payout", async () => {
    const { world, alice } = await earnedWorld();
    await world.claim(alice);
    const body = beginCell()
      .storeUint(0xfffffffe, 32)
      .storeRef(payOutOf(alice.address, toNano(5)))
      .storeRef(Cell.EMPTY)
      .storeUint(0, 8)
      .storeInt(0, 32)
      .storeBit(0)
      .endCell();
    const forged = internal({
      from: world.stranger.address,
      to: alice.account.address,
      value: PLENTY,
      body,
      bounced: true,
    });
    const { transactions } = await world.chain.sendMessage(forged);
    expect(world.story(transactions)[0]).toContain("NOT_THE_DISTRIBUTOR");
    expect((await alice.account.getData()).claimed).toBe(toNano(5));
  });
});
