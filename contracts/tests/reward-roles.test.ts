/** Publisher, guardian and treasury: who follows whom, and what one of them alone cannot do. */
import { toNano } from "@ton/core";
import type { Address } from "@ton/core";
import { describe, expect, test } from "vitest";
import { ContributorAccountTerms } from "../wrappers/contributor-account-codes.ts";
import { RewardDistributorTerms as Terms } from "../wrappers/reward-distributor-codes.ts";
import {
  acceptCapBody,
  nameGuardianBody,
  namePublisherBody,
  plainBody,
  proposeCapBody,
  relaySlashBody,
} from "../wrappers/RewardDistributor.ts";
import { DAY, EPOCH_CAP, PLENTY, RewardWorld, treeOf } from "./test-rewards.ts";

async function roles() {
  const world = await RewardWorld.open();
  const heir = await world.contributor("heir");
  const name = async (publisher: Address, dismiss = false) =>
    (await world.send(world.guardian, namePublisherBody({ publisher, dismiss })))[0];
  const accept = async (by = heir.wallet) => (await world.send(by, plainBody("AcceptPublisher")))[0];
  const reject = async (by = world.treasury) => (await world.send(by, plainBody("RejectPublisher")))[0];
  const proposed = async (by = world.publisher) => {
    const { epoch, pending } = await world.distributor.getData();
    if (pending) await world.guardianSends("VetoRoot");
    const root = { value: PLENTY, epoch: epoch + 1, root: 1n, totalCum: 0n, dataHash: 0n };
    return world.story((await world.distributor.sendProposeRoot(by.getSender(), root)).transactions)[0];
  };
  return { world, heir, name, accept, reject, proposed };
}

describe("a named publisher", () => {
  test("takes office after three days by its own message; until then the present one rules", async () => {
    const { world, heir, name, accept, proposed } = await roles();
    expect(await name(heir.address)).toBe("guardian → distributor: NamePublisher");
    const { nextPublisher, publisherFrom } = await world.distributor.getData();
    expect([nextPublisher!.equals(heir.address), publisherFrom]).toEqual([
      true,
      world.chain.time + Terms.PUBLISHER_DELAY,
    ]);
    world.chain.advance(Terms.PUBLISHER_DELAY - 1);
    expect(await accept()).toContain("PUBLISHER_TOO_EARLY");
    expect(await proposed()).toBe("publisher → distributor: ProposeRoot");
    world.chain.advance(1);
    expect(await accept()).toBe("heir → distributor: AcceptPublisher");
    expect(await proposed()).toContain("NOT_THE_PUBLISHER");
    expect(await proposed(heir.wallet)).toBe("heir → distributor: ProposeRoot");
    expect(await world.distributor.getData()).toMatchObject({ nextPublisher: null });
    expect(await accept()).toContain("NOT_THE_PUBLISHER");
  });

  test("accepts within thirty days: a naming is not kept in reserve", async () => {
    const { world, heir, name, accept } = await roles();
    await name(heir.address);
    world.chain.advance(Terms.PUBLISHER_DELAY + Terms.PUBLISHER_WINDOW);
    expect(await accept()).toContain("NAMING_LAPSED");
    await name(heir.address);
    world.chain.advance(Terms.PUBLISHER_DELAY + Terms.PUBLISHER_WINDOW - 1);
    expect(await accept()).toBe("heir → distributor: AcceptPublisher");
  });

  test("is nobody else: only the named one accepts, and naming another begins the three days again", async () => {
    const { world, heir, name, accept } = await roles();
    await name(world.stranger.address);
    world.chain.advance(Terms.PUBLISHER_DELAY);
    expect(await accept()).toContain("NOT_THE_PUBLISHER");
    await name(heir.address);
    expect(await accept(world.stranger)).toContain("NOT_THE_PUBLISHER");
    expect(await accept()).toContain("PUBLISHER_TOO_EARLY");
  });

  test("can be rejected by the treasury, by nobody else, and not without being named", async () => {
    const { world, heir, name, accept, reject } = await roles();
    expect(await reject()).toContain("NO_PUBLISHER_NAMED");
    await name(heir.address);
    for (const other of [world.publisher, world.guardian, heir.wallet])
      expect(await reject(other)).toContain("NOT_THE_TREASURY");
    expect(await reject()).toBe("treasury → distributor: RejectPublisher");
    world.chain.advance(Terms.PUBLISHER_DELAY);
    expect(await accept()).toContain("NOT_THE_PUBLISHER");
    const { publisher } = await world.distributor.getData();
    expect(publisher!.equals(world.publisher.address)).toBe(true);
  });

  test("is named by the guardian only", async () => {
    const { world, heir } = await roles();
    for (const other of [world.publisher, world.treasury, heir.wallet])
      expect((await world.send(other, namePublisherBody({ publisher: heir.address, dismiss: true })))[0]).toContain(
        "NOT_THE_GUARDIAN",
      );
  });

  test("cannot be guardian or treasury, nor a guardian publisher or treasury: they watch each other", async () => {
    const { world, name, accept } = await roles();
    const { guardian, treasury, publisher } = world;
    for (const one of [guardian, treasury]) {
      await name(one.address);
      world.chain.advance(Terms.PUBLISHER_DELAY);
      expect(await accept(one)).toContain("ROLES_ARE_ONE");
    }
    for (const one of [publisher, treasury]) {
      await world.send(guardian, nameGuardianBody(one.address));
      expect((await world.send(one, plainBody("AcceptGuardian")))[0]).toContain("ROLES_ARE_ONE");
    }
  });
});

describe("a dismissed publisher", () => {
  test("loses its office and its pending root at once, so a stolen key's root never becomes current", async () => {
    const { world, heir, name, accept, proposed } = await roles();
    const thief = await world.contributor("thief");
    await world.propose(treeOf([[thief.address, EPOCH_CAP]]));
    await name(heir.address, true);
    expect(await world.distributor.getData()).toMatchObject({ publisher: null, pending: null });
    expect(await proposed()).toContain("NOT_THE_PUBLISHER");
    const slash = relaySlashBody({ owner: thief.address, amount: 1n, reason: 0n });
    expect((await world.send(world.publisher, slash))[0]).toContain("NOT_THE_PUBLISHER");
    world.chain.advance(DAY);
    expect((await world.send(thief.wallet, plainBody("ActivateRoot")))[0]).toContain("NO_ROOT_PENDING");
    world.chain.advance(Terms.PUBLISHER_DELAY);
    await accept();
    expect(await proposed(heir.wallet)).toBe("heir → distributor: ProposeRoot");
  });

  test("takes the cap it proposed along, agreed or not", async () => {
    const { world, heir, name } = await roles();
    await world.send(world.publisher, proposeCapBody(100n * EPOCH_CAP));
    await world.send(world.guardian, acceptCapBody(100n * EPOCH_CAP));
    await name(heir.address, true);
    world.chain.advance(Terms.CAP_DELAY);
    expect((await world.send(world.stranger, plainBody("ApplyCap")))[0]).toContain("NO_CAP_PROPOSED");
    expect((await world.distributor.getData()).epochCap).toBe(EPOCH_CAP);
  });

  test("leaves what is published payable", async () => {
    const { world, heir, name } = await roles();
    const alice = await world.contributor("alice");
    await world.publish(treeOf([[alice.address, toNano(5)]]));
    await name(heir.address, true);
    await world.claim(alice, { deploy: true });
    expect((await alice.account.getData()).claimed).toBe(toNano(5));
  });

  test("keeps its pending root where the guardian names a successor without dismissing", async () => {
    const { world, heir, name } = await roles();
    const alice = await world.contributor("alice");
    await world.propose(treeOf([[alice.address, toNano(5)]]));
    await name(heir.address);
    expect((await world.distributor.getData()).pending).not.toBeNull();
  });
});

test("a stolen guardian key slashes no stake and publishes no root past a treasury that looks every three days", async () => {
  const { world, heir: thief, name, accept, reject } = await roles();
  const alice = await world.contributor("alice");
  await alice.account.sendStake(alice.wallet.getSender(), { value: toNano(101), amount: toNano(100) });
  for (let month = 0; month < 3; month++) {
    await name(thief.address, true);
    const slash = relaySlashBody({ owner: alice.address, amount: toNano(30), reason: 0n });
    expect((await world.send(thief.wallet, slash))[0]).toContain("NOT_THE_PUBLISHER");
    world.chain.advance(Terms.PUBLISHER_DELAY - DAY);
    await reject();
    world.chain.advance(30 * DAY);
    expect(await accept()).toContain("NOT_THE_PUBLISHER");
    expect((await world.send(thief.wallet, slash))[0]).toContain("NOT_THE_PUBLISHER");
  }
  const { stake, disputed } = await alice.account.getData();
  expect([stake, disputed]).toEqual([toNano(100), 0n]);
});

test("with the treasury asleep it slashes thirty per cent a month, paid to the refunds' address and not to the thief", async () => {
  const { world, heir: thief, name, accept } = await roles();
  const alice = await world.contributor("alice");
  await alice.account.sendStake(alice.wallet.getSender(), { value: toNano(101), amount: toNano(100) });
  await name(thief.address, true);
  world.chain.advance(Terms.PUBLISHER_DELAY);
  await accept();
  const refunds = await world.chain.balanceOf(world.refunds.address);
  for (let month = 0; month < 3; month++) {
    const { stake } = await alice.account.getData();
    await world.send(thief.wallet, relaySlashBody({ owner: alice.address, amount: (stake * 3n) / 10n, reason: 0n }));
    world.chain.advance(ContributorAccountTerms.APPEAL_SECONDS);
    await alice.account.sendExecuteSlash(thief.wallet.getSender(), PLENTY);
    world.chain.advance(30 * DAY);
  }
  expect((await alice.account.getData()).stake).toBe(toNano("34.3"));
  expect((await world.chain.balanceOf(world.refunds.address)) - refunds).toBeGreaterThan(toNano("65.69"));
});

test("the guardian is replaced only by a successor who accepts", async () => {
  const { world, heir } = await roles();
  await world.send(world.guardian, nameGuardianBody(heir.address));
  expect((await world.send(world.stranger, plainBody("AcceptGuardian")))[0]).toContain("NOT_THE_GUARDIAN");
  expect((await world.distributor.getData()).guardian.equals(world.guardian.address)).toBe(true);
  await world.send(heir.wallet, plainBody("AcceptGuardian"));
  const { guardian, nextGuardian } = await world.distributor.getData();
  expect([guardian.equals(heir.address), nextGuardian]).toEqual([true, null]);
  expect(world.story((await world.guardianSends("Freeze")).transactions)[0]).toContain("NOT_THE_GUARDIAN");
});

test("both successors can be named at once, and the acceptance of one leaves the other named", async () => {
  const { world, heir, name, accept } = await roles();
  const next = await world.contributor("next");
  await name(heir.address);
  await world.send(world.guardian, nameGuardianBody(next.address));
  await world.send(next.wallet, plainBody("AcceptGuardian"));
  expect((await world.distributor.getData()).nextPublisher!.equals(heir.address)).toBe(true);
  world.chain.advance(Terms.PUBLISHER_DELAY);
  expect(await accept()).toBe("heir → distributor: AcceptPublisher");
});
