/** What was asked with one API key, per day, as CSV: for spreadsheets and accounts. */
import { and, eq } from "drizzle-orm";
import { exactAmount } from "@starai/protocol/amounts";
import type { Base } from "../base.ts";
import { apiKeys } from "../db/schema.ts";
import { noSuchKey } from "./own-keys.ts";

/** A quarter of a year. */
const DAYS_MAX = 92;
/**
 * Requests whose receipts are read, at about 30 µs each on a busy machine: below two seconds. A day that would go beyond
 * it and those before it are left out, except for the newest. That is 500 requests a day for the whole time.
 */
const REQUESTS_MAX = 50_000;

const COLUMNS = [
  "day",
  "key",
  "requests",
  "failed",
  "prompt_tokens",
  "cached_tokens",
  "answer_tokens",
  "stars",
  "coins",
] as const;

/** Whole days in UTC, newest first, also of a revoked key; requests under way are not counted yet. @throws Refusal `not_found` */
export async function keyUsageCsv(ctx: Pick<Base, "db" | "pg" | "clock">, owner: string, id: string): Promise<string> {
  const theirs = and(eq(apiKeys.id, id), eq(apiKeys.owner, owner));
  const [key] = await ctx.db.select({ name: apiKeys.name }).from(apiKeys).where(theirs);
  if (key === undefined) throw noSuchKey();
  const days = await usedDays(ctx, id);
  const lines = days.map((day) =>
    [
      day.day,
      csvText(key.name),
      day.requests,
      day.failed,
      day.prompt,
      day.cached,
      day.answer,
      exactAmount(BigInt(day.stars)),
      exactAmount(BigInt(day.coin)),
    ].join(","),
  );
  return [COLUMNS.join(","), ...lines, ""].join("\r\n");
}

/** Numbers of SQL's bigint are text. */
interface UsedDay {
  readonly day: string;
  readonly requests: string;
  readonly failed: string;
  readonly prompt: string;
  readonly cached: string;
  readonly answer: string;
  readonly stars: string;
  readonly coin: string;
}

async function usedDays({ pg, clock }: Pick<Base, "pg" | "clock">, id: string): Promise<UsedDay[]> {
  const from = new Date(clock() - (DAYS_MAX - 1) * 86_400_000).toISOString().slice(0, 10);
  const { rows } = await pg.query<UsedDay>(
    `with counted as (
       select day, sum(count(*)) over (order by day desc) as so_far, row_number() over (order by day desc) as place
       from bills where api_key = $1 and day >= $2 and closed_at is not null group by day
     )
     select to_char(b.day, 'YYYY-MM-DD') as day, count(*) as requests,
       count(*) filter (where r.receipt->>'outcome' = 'failed') as failed,
       coalesce(sum(t.prompt), 0) as prompt, coalesce(sum(t.cached), 0) as cached, coalesce(sum(t.answer), 0) as answer,
       coalesce(sum(b.amount) filter (where b.paid_with = 'stars'), 0) as stars,
       coalesce(sum(b.amount) filter (where b.paid_with = 'coin'), 0) as coin
     from bills b
     join counted c on c.day = b.day and (c.so_far <= $3 or c.place = 1)
     -- The offset keeps the text from being parsed once for each use.
     cross join lateral (select b.receipt::jsonb as receipt offset 0) r
     cross join lateral (
       select sum((job->>'promptTokens')::bigint) as prompt, sum((job->>'cachedTokens')::bigint) as cached,
         sum((job->>'answerTokens')::bigint) as answer
       from jsonb_array_elements(r.receipt->'jobs') as job
     ) t
     where b.api_key = $1 and b.closed_at is not null
     group by b.day order by b.day desc`,
    [id, from, REQUESTS_MAX],
  );
  return rows;
}

/** A text's cell. One that a spreadsheet would compute as a formula gets an apostrophe, which makes it a text there. */
function csvText(text: string): string {
  const safe = /^[\s]*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
