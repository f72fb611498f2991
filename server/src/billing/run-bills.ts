/** What stored answers cost, for the line under each. */
import { eq, inArray, sql } from "drizzle-orm";
import type { RunBill } from "@starai/protocol/receipts";
import type { Base } from "../base.ts";
import { bills, freeAnswers, runs } from "../db/schema.ts";
import { dayOf } from "./bill.ts";

/** By run; without those that have none yet. Free answers of today say how many are left now. */
export async function runBills(
  { db, clock }: Pick<Base, "db" | "clock">,
  ids: readonly string[],
): Promise<Map<string, RunBill>> {
  if (ids.length === 0) return new Map();
  const found = await db
    .select({ run: runs.id, bill: bills })
    .from(runs)
    .innerJoin(bills, eq(bills.id, sql`coalesce(${runs.bill}, ${runs.id})`))
    .where(inArray(runs.id, [...ids]));
  const rows = found.map(({ run, bill }) => ({ ...bill, run }));
  const today = dayOf(clock());
  const people = [...new Set(rows.filter((row) => isOfToday(row, today)).map(({ person }) => person!))];
  const counts =
    people.length === 0 ? [] : await db.select().from(freeAnswers).where(inArray(freeAnswers.person, people));
  const left = new Map(counts.filter(({ day }) => day === today).map((row) => [row.person, row.allowed - row.used]));
  return new Map(
    rows
      .filter(({ closedAt }) => closedAt !== null)
      .map((row) => {
        const freeLeft = isOfToday(row, today) ? Math.max(0, left.get(row.person!) ?? 0) : null;
        return [row.run, { paidWith: row.paidWith, amount: String(row.amount), bound: row.bound, freeLeft }];
      }),
  );
}

function isOfToday({ paidWith, person, day }: typeof bills.$inferSelect, today: string): boolean {
  return paidWith === "free" && person !== null && day === today;
}
