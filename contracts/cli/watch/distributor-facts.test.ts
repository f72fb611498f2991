import { Address } from "@ton/core";
import { expect, test } from "vitest";
import { distributorFacts } from "./distributor-facts.ts";
import type { DistributorView } from "./distributor-facts.ts";
import { news } from "./fact.ts";

const COIN = 1_000_000_000n;
const NOW_S = 1_790_000_000;
const person = (byte: number) => new Address(0, Buffer.alloc(32, byte));

function viewOf(change: Partial<DistributorView["data"]> = {}, balance = 11n * COIN): DistributorView {
  const roles = { publisher: person(1), guardian: person(2), treasury: person(3), refunds: person(4) };
  const named = { nextGuardian: null, nextPublisher: null, publisherFrom: 0, capChange: null };
  const sums = { root: 5n, totalCum: 20n * COIN, totalPaid: 10n * COIN, previousRoot: 0n, previousTotalCum: 0n };
  const times = { frozenUntil: 0, epoch: 4, activatedAt: NOW_S, delaySeconds: 60, epochSeconds: 60 };
  const rest = { epochCap: 100n * COIN, dataHash: 6n, paidAtActivation: 0n, pending: null, endorsed: false };
  const data = { ...roles, ...named, ...sums, ...times, ...rest, ...change } as DistributorView["data"];
  return { address: person(9), data, balance, nowS: NOW_S };
}

const alarms = (view: DistributorView) => news(distributorFacts(view), {}).lines;
const changes = (before: DistributorView, after: DistributorView) =>
  news(distributorFacts(after), news(distributorFacts(before), {}).said).lines;

test("a distributor in order gives no alarm, and no line when nothing changes", () => {
  expect(alarms(viewOf())).toEqual([]);
  expect(changes(viewOf(), viewOf())).toEqual([]);
});

test("a pool that cannot pay what is owed, or what a pending root adds, is an alarm", () => {
  expect(alarms(viewOf({}, 10n * COIN))).toEqual([expect.stringContaining("short of 0.1 GRAM to pay what is owed")]);
  const pending = { root: 7n, totalCum: 25n * COIN, activeAt: NOW_S + 60, dataHash: 8n };
  expect(alarms(viewOf({ pending }))).toEqual([
    expect.stringContaining("short of 4.1 GRAM to pay what is owed and pending"),
  ]);
  expect(changes(viewOf({ pending }), viewOf({ pending }, 16n * COIN))).toEqual([
    expect.stringMatching(/^changed .*the pool can pay/),
  ]);
});

test("a freeze, an endorsed root, a dismissed publisher and named successors are alarms", () => {
  expect(alarms(viewOf({ frozenUntil: NOW_S + 1 }))).toEqual([expect.stringContaining("payouts are frozen until")]);
  expect(alarms(viewOf({ frozenUntil: NOW_S }))).toEqual([]);
  expect(alarms(viewOf({ publisher: null }))).toEqual([expect.stringContaining("the publisher is dismissed")]);
  expect(alarms(viewOf({ nextPublisher: person(5), publisherFrom: NOW_S }))).toEqual([
    expect.stringMatching(/is named as publisher .* the treasury can reject it until then/),
  ]);
  expect(alarms(viewOf({ nextGuardian: person(5) }))).toEqual([expect.stringContaining("is named as guardian")]);
  const pending = { root: 7n, totalCum: 20n * COIN, activeAt: NOW_S, dataHash: 8n };
  expect(alarms(viewOf({ pending, endorsed: true }))).toEqual([expect.stringContaining("nobody can challenge it")]);
});

test("another guardian, publisher or cap is said, and a cap change in each of its steps", () => {
  expect(changes(viewOf(), viewOf({ guardian: person(5), publisher: person(6) }))).toEqual([
    expect.stringContaining("the publisher is"),
    expect.stringContaining("the guardian is"),
  ]);
  const proposed = viewOf({ capChange: { epochCap: 200n * COIN, from: null } });
  expect(alarms(proposed)).toEqual([expect.stringContaining("an epoch cap of 200 GRAM is proposed")]);
  const accepted = viewOf({ capChange: { epochCap: 200n * COIN, from: NOW_S } });
  expect(changes(proposed, accepted)).toEqual([expect.stringContaining("200 GRAM can be applied from")]);
  expect(changes(accepted, viewOf({ epochCap: 200n * COIN }))).toEqual([
    expect.stringContaining("the epoch cap is 200 GRAM"),
    expect.stringContaining("no other epoch cap is proposed"),
  ]);
});
