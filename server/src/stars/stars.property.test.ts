/**
 * Laws of payments in Stars: whatever is paid, returned, spent and repeated, in whichever order,
 * balance − debt = credited − taken back − spent, and the Stars we have at Telegram are those paid and not returned.
 */
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestStars, paymentOf, refundOf } from "../testing/stars.ts";
import type { TestStars } from "../testing/stars.ts";
import { creditPayment } from "./payments.ts";
import type { StarPayment } from "./payments.ts";
import { NANO_PER_STAR, planCredit, planReturn, spendableOf, worthOf } from "./plan-moves.ts";
import type { Party, PlannedMove, Standing } from "./plan-moves.ts";
import { takeBackRefunded } from "./refunds.ts";
import { settleDebts } from "./settle-debts.ts";

let shop: TestStars;
beforeAll(async () => {
  shop = await openTestStars();
});
afterAll(() => shop[Symbol.asyncDispose]());

const amount = fc.bigInt({ min: 0n, max: 10_000n });
const standings = fc
  .record({ balance: amount, held: amount, owed: amount })
  .map((one): Standing => ({ ...one, held: one.held < one.balance ? one.held : one.balance }));
const worths = fc
  .record({ stars: fc.integer({ min: 1, max: 1_000 }), creditPercent: fc.constantFrom(100, 110) })
  .map(worthOf);

function changeOf(moves: readonly PlannedMove[], party: Party): bigint {
  return moves.reduce((sum, { from, to, amount: moved }) => {
    return sum + (to === party ? moved : 0n) - (from === party ? moved : 0n);
  }, 0n);
}

test("a payment adds its worth to balance less debt, and a debt is paid before anything can be spent", () => {
  fc.assert(
    fc.property(worths, standings, (worth, standing) => {
      const moves = planCredit(worth, standing);
      const [person, debt] = [changeOf(moves, "person"), changeOf(moves, "debt")];
      expect(person + debt).toBe(worth.paid + worth.bonus);
      expect(changeOf(moves, "telegram")).toBe(-worth.paid);
      expect(changeOf(moves, "gifts")).toBe(-worth.bonus);
      expect(person > 0n ? debt : standing.owed).toBe(standing.owed);
      expect(moves.every(({ amount: moved }) => moved > 0n)).toBe(true);
    }),
  );
});

test("a refund undoes a payment to the last unit, and never touches what is held", () => {
  fc.assert(
    fc.property(worths, standings, fc.constantFrom("debt" as const, "gifts" as const), (worth, standing, restTo) => {
      const { moves, taken, rest } = planReturn(worth, standing, restTo);
      expect(taken + rest).toBe(worth.paid + worth.bonus);
      expect(taken).toBeLessThanOrEqual(standing.balance - standing.held);
      expect(changeOf(moves, "person")).toBe(-taken);
      expect(changeOf(moves, "debt")).toBe(restTo === "debt" ? -rest : 0n);
      expect(changeOf(moves, "telegram")).toBe(worth.paid);
      expect(spendableOf(standing)).toBeGreaterThanOrEqual(0n);
    }),
  );
});

const PAYMENTS = 4;
const acts = fc.array(
  fc.oneof(
    fc.record({ act: fc.constant("pay"), payment: fc.nat(PAYMENTS - 1) }),
    fc.record({ act: fc.constant("return"), payment: fc.nat(PAYMENTS - 1) }),
    fc.record({ act: fc.constant("hold"), percent: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ act: fc.constant("end"), percent: fc.integer({ min: 0, max: 100 }) }),
    fc.record({ act: fc.constant("settle") }),
  ),
  { minLength: 5, maxLength: 25 },
);
const drawnPayments = fc.array(fc.record({ stars: fc.integer({ min: 1, max: 300 }), recurring: fc.boolean() }), {
  minLength: PAYMENTS,
  maxLength: PAYMENTS,
});

test("whatever happens, balance less debt is what was credited less what was taken back and spent", async () => {
  await fc.assert(
    fc.asyncProperty(drawnPayments, acts, async (facts, steps) => {
      const world = await openWorld(facts);
      for (const step of steps) await world.take(step);
      expect(await world.sums()).toEqual(await world.lawful());
    }),
    { numRuns: process.env["LONG_TESTS"] === "1" ? 200 : 12 },
  );
  await shop.expectSound();
});

type Act = typeof acts extends fc.Arbitrary<(infer One)[]> ? One : never;

/** One person with payments that may be told in any order, and an answer at a time. */
async function openWorld(facts: readonly { stars: number; recurring: boolean }[]) {
  const { id, payer } = await shop.newPerson();
  const payments = facts.map((fact): StarPayment => paymentOf({ payer, ...fact, firstRecurring: fact.recurring }));
  let open: { hold: string; stars: number } | null = null;
  let spent = 0n;
  const hold = async (percent: number) => {
    const free = Number(spendableOf(await shop.standing(id)) / NANO_PER_STAR);
    const asked = Math.ceil((free * percent) / 100);
    if (open === null && asked > 0) open = { hold: await shop.hold(id, asked), stars: asked };
  };
  const end = async (percent: number) => {
    if (open === null) return;
    const paid = Math.floor((open.stars * percent) / 100);
    await shop.end(open.hold, paid);
    spent += BigInt(paid) * NANO_PER_STAR;
    open = null;
  };
  return {
    async take(step: Act): Promise<void> {
      if ("payment" in step) {
        const payment = payments[step.payment]!;
        if (step.act === "pay") await creditPayment(shop.ctx, payment);
        else await takeBackRefunded(shop.ctx, refundOf(payment));
        return;
      }
      if ("percent" in step) return step.act === "hold" ? hold(step.percent) : end(step.percent);
      await settleDebts(shop.ctx);
    },
    /** What the books hold, in nano units. */
    async sums() {
      const { balance, owed } = await shop.standing(id);
      const [mirror] = await shop.rows<{ posted: string }>(
        "select -balance as posted from ledger_accounts where kind = 'telegram_stars'",
      );
      return { net: balance - owed, isDebt: owed >= 0n, atTelegram: BigInt(mirror!.posted) };
    },
    /** What they must hold, by the stored payments and what was spent. */
    async lawful() {
      const [sums] = await shop.rows<{ credited: string; taken: string }>(
        `select coalesce(sum(credits) filter (where direction = 'paid'), 0) as credited,
          coalesce(sum(credits) filter (where direction = 'refunded'), 0) as taken from star_charges where person = $1`,
        id,
      );
      const [kept] = await shop.rows<{ stars: string }>(
        `select coalesce(sum(stars), 0) as stars from star_charges paid where direction = 'paid' and not exists (
          select from star_charges back where back.charge = paid.charge and back.direction = 'refunded')`,
      );
      const net = BigInt(sums!.credited) - BigInt(sums!.taken) - spent;
      return { net, isDebt: true, atTelegram: BigInt(kept!.stars) * NANO_PER_STAR };
    },
  };
}
