import { expect, test } from "vitest";
import type { SeenDistributor } from "./distributor.ts";
import { planPublishing, stateOnChain } from "./plan-publishing.ts";
import type { EpochRow } from "./running-epoch.ts";

const COIN = 10n ** 9n;
const epoch = (more: Partial<EpochRow> = {}): EpochRow => ({
  number: 3,
  chainEpoch: 3,
  state: "closed",
  forChain: true,
  closedAt: new Date(0),
  recordedAt: new Date(0),
  upto: 0,
  root: Buffer.alloc(32, 7),
  dataHash: Buffer.alloc(32, 8),
  leaves: 1,
  total: COIN,
  availability: 0n,
  proposedAt: null,
  activeAt: null,
  why: null,
  ...more,
});
const OURS = BigInt(`0x${"07".repeat(32)}`);
const seen = (more: Partial<SeenDistributor> = {}): SeenDistributor => ({
  ...({} as SeenDistributor),
  epoch: 2,
  epochCap: COIN,
  totalCum: 0n,
  root: 1n,
  previousRoot: 0n,
  pending: null,
  nowS: 1_000,
  frozenUntil: 0,
  totalPaid: 0n,
  balance: 10n * COIN,
  ...more,
});
const pending = (root: bigint, activeAt = 900) => ({ root, activeAt, totalCum: 5n * COIN, dataHash: 0n });

test("a root is proposed, waits, and is opened once its time has come and the pool can pay", () => {
  expect(planPublishing(epoch({ root: null }), seen()).kind).toBe("write_file");
  expect(planPublishing(epoch(), seen()).kind).toBe("propose");
  expect(planPublishing(epoch(), seen({ pending: pending(OURS, 1_100) }))).toMatchObject({ for: "time" });
  expect(planPublishing(epoch(), seen({ pending: pending(OURS) })).kind).toBe("activate");
});

test("nothing is sent while another root is pending, while it is frozen, or while the pool lacks what it would owe", () => {
  expect(planPublishing(epoch(), seen({ pending: pending(2n) }))).toMatchObject({ for: "other_root" });
  const ripe = { pending: pending(OURS) };
  expect(planPublishing(epoch(), seen({ ...ripe, frozenUntil: 2_000 }))).toMatchObject({ for: "guardian" });
  const poor = planPublishing(epoch(), seen({ ...ripe, balance: 4n * COIN, totalPaid: COIN / 2n }));
  expect(poor).toMatchObject({ for: "pool", why: expect.stringContaining("lacks 0.6 coins") as string });
  expect(planPublishing(epoch(), seen({ epochCap: COIN - 1n }))).toMatchObject({ for: "cap" });
  expect(planPublishing(epoch({ state: "active" }), seen()).kind).toBe("done");
});

test("an epoch is what the chain shows of its root, also where it was called dropped by mistake", () => {
  expect(stateOnChain(epoch(), seen())).toBeNull();
  for (const state of ["closed", "dropped"] as const)
    expect(stateOnChain(epoch({ state }), seen({ pending: pending(OURS) }))).toEqual({ state: "proposed" });
  const active = seen({ root: OURS, epoch: 3 });
  for (const state of ["closed", "proposed", "dropped"] as const)
    expect(stateOnChain(epoch({ state }), active)).toEqual({ state: "active" });
});

test("it is dropped once its root is gone, or another one took its place", () => {
  expect(stateOnChain(epoch({ state: "proposed" }), seen())).toMatchObject({ state: "dropped" });
  expect(stateOnChain(epoch(), seen({ epoch: 3, root: 2n }))).toMatchObject({
    why: "Another root was opened in its place.",
  });
  expect(stateOnChain(epoch({ state: "active" }), seen({ epoch: 4, root: 2n }))).toBeNull();
  const revoked = stateOnChain(epoch({ state: "active" }), seen({ epoch: 3, root: 2n }));
  expect(revoked).toEqual({ state: "dropped", why: "The guardian revoked it after it was opened." });
});
