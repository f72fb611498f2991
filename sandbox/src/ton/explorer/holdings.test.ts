import { toNano } from "@ton/core";
import type { Address } from "@ton/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBusyChain } from "../../testing/busy-chain.ts";
import type { BusyChain } from "../../testing/busy-chain.ts";
import type { Fact, Holdings } from "./facts.ts";

const DAY_S = 86_400;

let busy: BusyChain;
beforeAll(async () => {
  busy = await openBusyChain();
}, 120_000);
afterAll(() => busy.ton[Symbol.asyncDispose]());

/** What the explorer answers for an account: facts by key, amounts in nano units, parties by name or address. */
async function shown(address: Address) {
  const answer = await busy.ton.ton.routes.request(`/ton/explorer/account/${address.toString()}`);
  const { holdings, nowS } = (await answer.json()) as { holdings: Holdings | null; nowS: number };
  if (!holdings) return null;
  const { about, holds, next, who } = holdings;
  return { about, holds: byKey(holds), next: byKey(next), who: byKey(who), nowS };
}

function simple(fact: Fact): string | number {
  if (fact.kind === "party") return fact.value.name ?? fact.value.address;
  return fact.kind === "share" ? `${fact.value} of ${fact.of}` : fact.value;
}

const byKey = (facts: readonly Fact[]) => Object.fromEntries(facts.map((fact) => [fact.key, simple(fact)]));

const nano = (coins: number) => toNano(coins).toString();

test("a vault shows its allowances, what is proposed with its dates, and its roles", async () => {
  const vault = (await shown(busy.deposits))!;
  expect(vault.about).toBe("deposits");
  const [left, limit] = String(vault.holds.leftToday).split(" of ");
  // Thirty coins were drawn; what was drawn counts less and less.
  expect(BigInt(left!)).toBeGreaterThanOrEqual(toNano(70));
  expect(BigInt(left!)).toBeLessThan(toNano(71));
  expect(limit).toBe(nano(100));
  expect(vault.holds.poolLeft).toBe(`${nano(1_000)} of ${nano(1_000)}`);
  expect(vault.next).toMatchObject({
    proposal: "proposal_setLimits",
    dailyLimit: nano(50),
    poolLimit: nano(500),
    proposedBy: "holds_guardian",
  });
  expect(Number(vault.next.executeAfter) - vault.nowS).toBeGreaterThan(DAY_S - 600);
  expect(Number(vault.next.expiresAt) - Number(vault.next.executeAfter)).toBe(7 * DAY_S);
  expect(vault.who).toEqual({ hot: "operator", guardian: "guardian", treasury: "treasury", funds: "distributor" });
});

test("the refunds vault has no allowance, feeds nothing and waits for nothing", async () => {
  expect(await shown(busy.refunds)).toMatchObject({
    about: "refunds",
    holds: {},
    next: {},
    who: { hot: "operator", guardian: "guardian", treasury: "treasury" },
  });
});

test("the distributor shows epoch, cap, bucket, debt and pool, the pending root, the freeze, and who is named", async () => {
  const distributor = (await shown(busy.distributor))!;
  expect(distributor.holds).toMatchObject({
    epoch: 0,
    epochCap: nano(1_000),
    owed: "0",
    totalPaid: "0",
    payableNow: "0",
    bucket: `${nano(3_000)} of ${nano(3_000)}`,
  });
  expect(BigInt(distributor.holds.pool as string)).toBeGreaterThan(toNano(1_000));
  expect(distributor.next).toMatchObject({ pendingAdds: nano(5), capChange: nano(2_000), capFrom: "capWaits" });
  expect(distributor.next.nextPublisher).toBe(busy.ann.wallet.address.toString());
  expect(Number(distributor.next.publisherFrom) - distributor.nowS).toBeGreaterThan(3 * DAY_S - 600);
  expect(Number(distributor.next.frozenUntil) - distributor.nowS).toBeGreaterThan(13 * DAY_S);
  expect(Number(distributor.next.pendingActiveAt)).toBeGreaterThan(distributor.nowS);
  expect(distributor.who).toEqual({
    publisher: "publisher",
    guardian: "guardian",
    treasury: "treasury",
    refunds: "refunds",
  });
});

test("an account shows stake, unbonding and dispute with their dates", async () => {
  const account = (await shown(busy.account))!;
  expect(account.holds).toEqual({ stake: nano(6), unbonding: nano(4), claimed: "0" });
  expect(account.next).toMatchObject({ disputed: nano(2), reason: "abc".padStart(64, "0") });
  expect(Number(account.next.unbondAt) - account.nowS).toBeGreaterThan(7 * DAY_S - 600);
  expect(Number(account.next.slashUntil) - Number(account.next.slashFrom)).toBe(7 * DAY_S);
  expect(account.who).toMatchObject({ owner: busy.ann.wallet.address.toString(), paidBy: "distributor" });
});

test("an escrow shows what is left, its cap, its keys and when the owner may leave; without a key it says so", async () => {
  const escrow = (await shown(busy.escrow))!;
  expect(escrow.holds).toMatchObject({ capLeft: `${nano(1)} of ${nano(1)}`, settled: "0", round: 0 });
  expect(BigInt(escrow.holds.spendable as string)).toBeGreaterThan(toNano("2.9"));
  expect(Number(escrow.next.ripeUntil) - Number(escrow.next.ripeAt)).toBe(3 * DAY_S);
  expect(escrow.who).toMatchObject({ paysTo: "till", providerKey: `${"01".repeat(31)}00` });
  const unopened = (await shown(busy.unopened))!;
  expect(unopened.next).toEqual({ escrowIs: "notOpen" });
  expect(unopened.holds).not.toHaveProperty("capLeft");
});

test("a wallet and an address where nothing is are shown without any of this", async () => {
  expect(await shown(busy.ann.wallet.address)).toBeNull();
  expect(await shown(busy.ton.opened.roles.treasury.wallet.address)).toBeNull();
});
