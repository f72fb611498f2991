/** For tests: people who pay with Stars and spend what was credited, on a database of their own. */
import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { expect } from "vitest";
import { people } from "../db/schema.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { StarsContext } from "../stars/context.ts";
import type { StarPayment } from "../stars/payments.ts";
import { NANO_PER_STAR } from "../stars/plan-moves.ts";
import type { StarRefund } from "../stars/refunds.ts";
import { readStanding } from "../stars/star-books.ts";
import type { StarsApi } from "../stars/telegram.ts";
import { createTestDatabase } from "./database.ts";
import { DONE, captureOf, expectSound, holdOf } from "./ledger.ts";

/** Sunday, 29 November 2026, noon. */
export const STARS_NOW = Date.UTC(2026, 10, 29, 12);

let telegramIds = 1_000;
export const newPayer = () => ({ telegramId: ++telegramIds, name: "Ann", language: "en" });

/** Whole Stars as they are written on the wire. */
export const stars = (amount: number): string => String(BigInt(amount) * NANO_PER_STAR);

export function paymentOf(asked: Partial<StarPayment> & Pick<StarPayment, "payer">): StarPayment {
  const single = { recurring: false, firstRecurring: false, until: null };
  return { charge: randomUUID(), payload: "", stars: 50, at: STARS_NOW / 1_000, ...single, ...asked };
}

export function refundOf({ charge, payer, stars: amount, at }: StarPayment): StarRefund {
  return { charge, telegramId: payer.telegramId, stars: amount, at: at + 60 };
}

export type TestStars = Awaited<ReturnType<typeof openTestStars>>;

export async function openTestStars(telegram: StarsApi | null = null) {
  const database = await createTestDatabase();
  const ledger = new Ledger(database.connection);
  await ledger.openAccount({ asset: "stars", kind: "telegram_stars", owner: "house" });
  const time = { now: STARS_NOW };
  const ctx: StarsContext = { ...database, clock: () => time.now, log: pino({ level: "silent" }), telegram };
  return {
    ctx,
    ledger,
    time,
    async newPerson() {
      const payer = newPayer();
      const [row] = await database.db.insert(people).values(payer).returning({ id: people.id });
      return { ...payer, id: row!.id, payer };
    },
    standing: (person: string) => readStanding(database.pg, person),
    /** Sets so much aside for an answer. Returns its hold. */
    async hold(person: string, amount: number): Promise<string> {
      const account = await ledger.openAccount({ asset: "stars", kind: "person", owner: `person:${person}` });
      const hold = holdOf({ account, amount: BigInt(amount) * NANO_PER_STAR });
      expect(await ledger.do(hold)).toEqual(DONE);
      return hold.id;
    },
    /** Ends the answer of a hold, of which so much is paid. */
    async end(hold: string, amount: number): Promise<void> {
      const to = await ledger.openAccount({ asset: "stars", kind: "earner", owner: "wallet:w" });
      const legs = [{ to, amount: BigInt(amount) * NANO_PER_STAR, kind: "earned" }];
      if (amount > 0) expect(await ledger.do(captureOf({ hold, legs }))).toEqual(DONE);
      expect(await ledger.do({ verb: "release", hold })).toEqual(DONE);
    },
    rows: async <Row extends object>(sql: string, ...values: unknown[]): Promise<Row[]> =>
      (await database.pg.query<Row>(sql, values)).rows,
    expectSound: () => expectSound(database.pg),
    async [Symbol.asyncDispose]() {
      await ledger[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}
