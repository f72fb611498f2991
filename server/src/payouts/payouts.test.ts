/** Withdrawals until the hot wallet signs them: asked for, limited, taken back. */
import { randomUUID } from "node:crypto";
import * as fc from "fast-check";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { CHAIN_TERMS, NewPayout } from "@starai/protocol/wallet";
import { outgoing, payouts, wallets } from "../db/schema.ts";
import type { Refusal } from "../errors.ts";
import { DAY_MS, openTestCoins } from "../testing/coins.ts";
import type { TestCoins } from "../testing/coins.ts";
import { holdOf } from "../testing/ledger.ts";
import { personsAccount, whole } from "../testing/money.ts";
import { operatorOver } from "../testing/operator.ts";
import { eq } from "drizzle-orm";
import { cancelPayout } from "./cancel-payout.ts";
import { chainOverview } from "./chain-overview.ts";
import { readWaiting } from "./hot/waiting-messages.ts";
import { requestPayout } from "./request-payout.ts";

const FEE = CHAIN_TERMS.withdrawFee;
/** Long property runs: `LONG_TESTS=1`. */
const RUNS = process.env.LONG_TESTS ? 200 : 10;

let house: TestCoins;
beforeAll(async () => {
  house = await openTestCoins();
});
afterEach(async () => {
  await house.expectSound();
  // Each test begins with a new day.
  house.time.now += DAY_MS;
  house.ctx.ton.drifted = false;
});
afterAll(() => house[Symbol.asyncDispose]());

const balanceOf = (person: string) => house.balance("person", `person:${person}`);
const inFlight = (id: string) => house.balance("in_flight", `payout:${id}`);
const notices = (telegramId: number) =>
  house.rows<{ params: Record<string, string> }>(
    "select params from notices where telegram_id = $1 order by created_at",
    telegramId,
  );

async function ask(person: string, amount: bigint, id: string = randomUUID()): Promise<string> {
  await requestPayout(house.ctx, { person, id, amount });
  return id;
}

/** The refusal's code, after which nothing has moved. */
async function refusal(person: string, amount: bigint, id?: string): Promise<string> {
  const before = await balanceOf(person);
  const refused = await ask(person, amount, id).then(
    () => expect.unreachable("it was accepted"),
    (error: Refusal) => error,
  );
  expect(refused.message).toContain("Nothing was taken from your balance");
  expect(await balanceOf(person)).toBe(before);
  return refused.code;
}

async function queueMessage(ref: string, state: "queued" | "signed" | "sent"): Promise<void> {
  const message = { id: randomUUID(), kind: "payout", ref, destination: "0:00", value: 1n, bounce: false } as const;
  const batch = state === "queued" ? null : randomUUID();
  await house.ctx.db.insert(outgoing).values({ ...message, body: Buffer.alloc(1), state, batch });
}

test("a withdrawal leaves the balance at once with its fee, once, and its person is told how to cancel it", async () => {
  const ann = await house.newPerson(whole(10));
  const id = await ask(ann.id, whole(2));
  await ask(ann.id, whole(2), id);
  expect(await balanceOf(ann.id)).toBe(whole(8) - FEE);
  expect(await inFlight(id)).toBe(whole(2) + FEE);
  const [told, ...more] = await notices(ann.telegramId);
  expect(more).toEqual([]);
  expect(told!.params).toMatchObject({ kind: "payout_requested", amount: String(whole(2)), cancel: id });
  expect(told!.params.wallet).not.toContain(":");
  const { payouts: listed } = await chainOverview(house.ctx, ann.id);
  expect(listed).toMatchObject([{ id, amount: String(whole(2)), fee: String(FEE), state: "queued" }]);
});

test("who asks and cancels again and again is told to stop after twenty times a day", async () => {
  const ann = await house.newPerson(whole(10));
  for (let asked = 0; asked < 20; asked++)
    await cancelPayout(house.ctx, { person: ann.id, id: await ask(ann.id, whole(1)) });
  await expect(ask(ann.id, whole(1))).rejects.toMatchObject({ code: "cap_reached" });
  expect(await balanceOf(ann.id)).toBe(whole(10));
});

test("an id that another withdrawal has is refused, also from somebody else", async () => {
  const [ann, bob] = [await house.newPerson(whole(10)), await house.newPerson(whole(10))];
  const id = await ask(ann.id, whole(2));
  expect(await refusal(ann.id, whole(3), id)).toBe("conflict");
  expect(await refusal(bob.id, whole(2), id)).toBe("conflict");
});

test("an id in capital letters is the same id, and its money is found again", async () => {
  const ann = await house.newPerson(whole(10));
  const id = randomUUID();
  const capitals = id.toUpperCase();
  expect(NewPayout.parse({ id: capitals, amount: "1" }).id).toBe(id);
  await ask(ann.id, whole(2), capitals);
  await ask(ann.id, whole(2), id);
  expect(await inFlight(id)).toBe(whole(2) + FEE);
  expect(await inFlight(capitals)).toBe(0n);
  await cancelPayout(house.ctx, { person: ann.id, id: capitals });
  expect(await balanceOf(ann.id)).toBe(whole(10));
  expect(await inFlight(id)).toBe(0n);
});

test("a wallet that is new waits out its cool-down", async () => {
  const payoutsFrom = new Date(house.time.now + CHAIN_TERMS.coolDownMs);
  const ann = await house.newPerson(whole(1), payoutsFrom);
  await ask(ann.id, CHAIN_TERMS.withdrawMin);
  const { payouts: listed, withdraw } = await chainOverview(house.ctx, ann.id);
  expect(listed).toMatchObject([{ state: "waiting", readyAt: payoutsFrom.toISOString() }]);
  expect(withdraw.readyAt).toBe(payoutsFrom.toISOString());
});

test("a late withdrawal is shown without a date while the chain does not answer", async () => {
  const ann = await house.newPerson(whole(1));
  const id = await ask(ann.id, CHAIN_TERMS.withdrawMin);
  house.time.now += 3_600_000;
  const { chain } = house.ctx.ton;
  house.ctx.ton.open({ ...chain!, hotSeed: Buffer.alloc(32, 1) });
  expect((await chainOverview(house.ctx, ann.id)).payouts).toMatchObject([{ id, state: "queued", expectedAt: null }]);
  house.ctx.ton.open(chain!);
});

test("too little, too much, more than there is, and what is set aside cannot be withdrawn", async () => {
  const ann = await house.newPerson(whole(10));
  expect(await refusal(ann.id, CHAIN_TERMS.withdrawMin - 1n)).toBe("invalid_request");
  expect(await refusal(ann.id, CHAIN_TERMS.withdrawDayMax + 1n)).toBe("invalid_request");
  expect(await refusal(ann.id, whole(10))).toBe("payment_required");
  const account = await personsAccount(house.ctx, "coin", ann.id);
  await house.ctx.ledger.do(holdOf({ account, amount: whole(4) }));
  expect(await refusal(ann.id, whole(6))).toBe("payment_required");
  await ask(ann.id, whole(6) - FEE);
  expect(await balanceOf(ann.id)).toBe(whole(4));
});

test("without a wallet, with books that differ from the chain, or for somebody who is gone nothing is withdrawn", async () => {
  const ann = await house.newPerson(whole(10));
  house.ctx.ton.drifted = true;
  expect(await refusal(ann.id, whole(1))).toBe("payments_paused");
  expect((await chainOverview(house.ctx, ann.id)).withdraw).toMatchObject({ blocked: "halted", max: "0" });
  house.ctx.ton.drifted = false;
  await house.ctx.db.update(wallets).set({ state: "removed" }).where(eq(wallets.person, ann.id));
  expect(await refusal(ann.id, whole(1))).toBe("conflict");
  expect((await chainOverview(house.ctx, ann.id)).withdraw.blocked).toBe("no_wallet");
  await expect(ask(randomUUID(), whole(1))).rejects.toMatchObject({ code: "signed_out" });
});

test("while an operator has payouts halted nobody can ask for one; what was asked for can be taken back, and all goes on after it", async () => {
  const operator = operatorOver(house.ctx);
  const ann = await house.newPerson(whole(10));
  const before = await ask(ann.id, whole(1));
  const blocked = async () => (await chainOverview(house.ctx, ann.id)).withdraw.blocked;
  await operator("halt-payouts", "on", "--why", "a key may be stolen");
  await expect.poll(blocked, { timeout: 10_000 }).toBe("halted");
  expect(await refusal(ann.id, whole(1))).toBe("payments_paused");
  // The same again is no new one.
  await ask(ann.id, whole(1), before);
  await cancelPayout(house.ctx, { person: ann.id, id: before });
  await operator("halt-payouts", "off", "--why", "it was not");
  await expect.poll(blocked, { timeout: 10_000 }).toBeNull();
  await ask(ann.id, whole(1));
});

test("a person's day is limited, and begins anew at midnight; what was cancelled does not count", async () => {
  const ann = await house.newPerson(whole(100));
  const first = await ask(ann.id, whole(20));
  expect(await refusal(ann.id, whole(6))).toBe("cap_reached");
  expect((await chainOverview(house.ctx, ann.id)).withdraw.max).toBe(String(whole(5)));
  await cancelPayout(house.ctx, { person: ann.id, id: first });
  await ask(ann.id, whole(25));
  expect((await chainOverview(house.ctx, ann.id)).withdraw).toMatchObject({ blocked: "day_limit", max: "0" });
  house.time.now += DAY_MS / 2;
  await ask(ann.id, whole(25));
});

test("of many withdrawals asked at once no more get through than each person's day allows", async () => {
  const crowd = await Promise.all([1, 2, 3].map(() => house.newPerson(whole(100))));
  const asked = crowd.flatMap(({ id }) => [1, 2, 3, 4].map(() => ask(id, whole(10))));
  const done = (await Promise.allSettled(asked)).filter(({ status }) => status === "fulfilled");
  expect(done).toHaveLength(6);
  for (const { id } of crowd) expect(await balanceOf(id)).toBe(whole(80) - 2n * FEE);
});

test("what others ask for keeps nobody from asking: what is more than the house's day waits for the next, with a date", async () => {
  const { chain } = house.ctx.ton;
  house.ctx.ton.open({ ...chain!, nowS: () => Math.floor(house.time.now / 1_000) });
  await house.ctx.db.update(payouts).set({ state: "cancelled", endedAt: new Date(0) });
  const crowd = await Promise.all([1, 2, 3, 4].map(() => house.newPerson(whole(100))));
  const ids: string[] = [];
  for (const { id } of crowd) {
    ids.push(await ask(id, whole(25)));
    house.time.now += 1;
  }
  const payable = async () => (await readWaiting(house.ctx.db, house.time.now)).map(({ payout }) => payout);
  expect(await payable()).toEqual(ids.slice(0, 2));
  const paid = { state: "paid", endedAt: new Date(house.time.now) } as const;
  await house.ctx.db.update(payouts).set({ state: "sent" }).where(eq(payouts.id, ids[0]!));
  await house.ctx.db.update(payouts).set(paid).where(eq(payouts.id, ids[1]!));
  expect(await payable()).toEqual([]);
  house.time.now += 3_600_000;
  const midnight = new Date(Math.ceil(house.time.now / DAY_MS) * DAY_MS);
  const { withdraw, payouts: listed } = await chainOverview(house.ctx, crowd[2]!.id);
  expect(withdraw.blocked).toBe("day_limit");
  expect(listed).toMatchObject([{ state: "queued", expectedAt: midnight.toISOString() }]);
  await house.ctx.db.update(payouts).set(paid).where(eq(payouts.id, ids[0]!));
  house.time.now = midnight.getTime();
  expect(await payable()).toEqual(ids.slice(2));
  house.ctx.ton.open(chain!);
});

test("a debt in Stars does not block coins", async () => {
  const ann = await house.newPerson(whole(1));
  const debt = await house.ctx.ledger.openAccount({ asset: "stars", kind: "debt", owner: `person:${ann.id}` });
  const to = await house.ctx.ledger.openAccount({ asset: "stars", kind: "telegram_stars", owner: "house" });
  await house.ctx.ledger.do({ verb: "move", key: randomUUID(), from: debt, to, amount: whole(50), kind: "refund" });
  const id = await ask(ann.id, CHAIN_TERMS.withdrawMin);
  expect(await inFlight(id)).toBe(CHAIN_TERMS.withdrawMin + FEE);
});

test("what is not signed is taken back whole, its message with it, and once", async () => {
  const ann = await house.newPerson(whole(10));
  const [plain, queued] = [await ask(ann.id, whole(1)), await ask(ann.id, whole(2))];
  await queueMessage(queued, "queued");
  for (const id of [plain, queued, queued]) await cancelPayout(house.ctx, { person: ann.id, id });
  expect(await balanceOf(ann.id)).toBe(whole(10));
  expect(await inFlight(queued)).toBe(0n);
  expect(await house.rows("select state from outgoing where ref = $1", queued)).toEqual([{ state: "void" }]);
});

test("what is signed, sent or paid, and what is somebody else's, is not taken back", async () => {
  const [ann, bob] = [await house.newPerson(whole(10)), await house.newPerson(whole(10))];
  const signed = await ask(ann.id, whole(1));
  await queueMessage(signed, "signed");
  const sent = await ask(ann.id, whole(1));
  await house.ctx.db.update(payouts).set({ state: "sent" }).where(eq(payouts.id, sent));
  const paid = await ask(ann.id, whole(1));
  const ended = { state: "paid", endedAt: new Date(house.time.now) } as const;
  await house.ctx.db.update(payouts).set(ended).where(eq(payouts.id, paid));
  for (const id of [signed, sent, paid])
    await expect(cancelPayout(house.ctx, { person: ann.id, id })).rejects.toMatchObject({ code: "conflict" });
  const bobs = await ask(bob.id, whole(1));
  await expect(cancelPayout(house.ctx, { person: ann.id, id: bobs })).rejects.toMatchObject({ code: "not_found" });
  expect(await balanceOf(ann.id)).toBe(whole(7) - 3n * FEE);
});

const Act = fc.oneof(
  fc.record({ kind: fc.constant("ask" as const), who: fc.nat(1), amount: fc.bigInt(0n, whole(30)) }),
  fc.record({ kind: fc.constant("cancel" as const), who: fc.nat(1), which: fc.nat(9) }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(DAY_MS) }),
);

test("law: balance and what is on its way add up, and nobody gets more than their day allows, whatever is asked", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(Act, { maxLength: 14 }), async (acts) => {
      house.time.now = Math.ceil((house.time.now + 2 * DAY_MS) / DAY_MS) * DAY_MS;
      const crowd = [await house.newPerson(whole(60)), await house.newPerson(whole(60))];
      const ids: string[] = [];
      for (const act of acts)
        if (act.kind === "wait") house.time.now += act.ms;
        else if (act.kind === "ask") await ask(crowd[act.who]!.id, act.amount).then((id) => ids.push(id), isRefusal);
        else if (ids.length > 0)
          await cancelPayout(house.ctx, { person: crowd[act.who]!.id, id: ids[act.which % ids.length]! }).catch(
            isRefusal,
          );
      for (const { id } of crowd) {
        const open = await house.rows<{ all: string }>(
          "select coalesce(sum(amount + fee), 0) as all from payouts where person = $1 and ended_at is null",
          id,
        );
        expect((await balanceOf(id)) + BigInt(open[0]!.all)).toBe(whole(60));
      }
      const days = await house.rows<{ total: string }>(
        `select sum(amount) as total from payouts where state <> 'cancelled'
          group by person, date_trunc('day', requested_at at time zone 'UTC')`,
      );
      for (const { total } of days) expect(BigInt(total)).toBeLessThanOrEqual(CHAIN_TERMS.withdrawDayMax);
    }),
    { numRuns: RUNS },
  );
});

function isRefusal(error: unknown): void {
  expect(error).toMatchObject({ name: "Refusal" });
}
