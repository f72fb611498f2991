/**
 * Compares Telegram's statement with what is stored here. A payment that was not heard of is credited, a refund taken
 * back; both as if the bot had brought them, so that it does not matter who comes first. What cannot be healed by that is
 * named in the report.
 *
 * The statement is read in its order from where an earlier look ended, less the last lines, which are read again. A
 * payment and its refund have the same id there, so a line is known by its id and its direction.
 */
import { and, between, eq, sql } from "drizzle-orm";
import { starStatement, starCharges } from "../db/schema.ts";
import type { StarsContext } from "./context.ts";
import { creditPayment } from "./payments.ts";
import { takeBackRefunded } from "./refunds.ts";
import { settleDebts } from "./settle-debts.ts";
import { lineOf } from "./statement.ts";
import type { StatementLine } from "./statement.ts";
import { askTelegram } from "./telegram.ts";

/** As many as Telegram gives at once. */
const PAGE = 100;
/** Lines read again at each look: updates that were under way then are here now. */
const READ_AGAIN = 100;
/** 10,000 lines; a longer statement is gone on with at the next look. */
const PAGES_MAX = 100;
/** The bot's message and the statement tell the time of one payment within this. */
const CLOCKS_DIFFER_MS = 60_000;
/** Sentences of one report; a fault repeated everywhere is seen by fewer. */
const DIFFERENCES_MAX = 50;

export interface StarsReport {
  /** Lines of the statement about people's payments that were looked at. */
  readonly looked: number;
  /** Charges. */
  readonly credited: readonly string[];
  readonly takenBack: readonly string[];
  /** People whose debt was paid from what had become free. */
  readonly settled: number;
  /** Sentences, each about one difference that is left. */
  readonly differences: readonly string[];
}

/**
 * Safe beside the bot, a running server and itself.
 * @param whole  reads the statement from its beginning
 * @param signal  ends it after the page it reads
 * @throws Refusal with a sentence where Telegram cannot be asked; what was read until then is done
 */
export async function reconcileStars(
  ctx: StarsContext,
  { whole = false, signal }: { whole?: boolean; signal?: AbortSignal } = {},
): Promise<StarsReport> {
  const report = { looked: 0, credited: [] as string[], takenBack: [] as string[], differences: [] as string[] };
  const name = (difference: string) => {
    if (report.differences.length < DIFFERENCES_MAX) report.differences.push(difference);
  };
  let offset = whole ? 0 : Math.max(0, (await readOffset(ctx)) - READ_AGAIN);
  for (let page = 0; page < PAGES_MAX; page++) {
    if (signal?.aborted === true) break;
    const from = offset;
    const { transactions } = await askTelegram(ctx, (api) => api.getStarTransactions({ offset: from, limit: PAGE }));
    const lines = transactions.map(lineOf).filter((line) => line !== null);
    report.looked += lines.length;
    for (const line of lines) await takeLine(ctx, line, report, name);
    for (const charge of await missingThere(ctx, lines))
      name(`${charge} is stored here, and not in Telegram's statement.`);
    offset += transactions.length;
    await storeOffset(ctx, offset);
    if (transactions.length < PAGE) break;
  }
  const settled = await settleDebts(ctx);
  for (const difference of await booksDiffer(ctx)) name(difference);
  return { ...report, settled };
}

interface Heard {
  readonly credited: string[];
  readonly takenBack: string[];
}

async function takeLine(
  ctx: StarsContext,
  line: StatementLine,
  heard: Heard,
  name: (difference: string) => void,
): Promise<void> {
  const { charge, direction, payer, payload, stars, at, periodS } = line;
  const [known] = await ctx.db
    .select({ stars: starCharges.stars, telegramId: starCharges.telegramId })
    .from(starCharges)
    .where(and(eq(starCharges.charge, charge), eq(starCharges.direction, direction)));
  if (known !== undefined) {
    if (known.stars !== stars || known.telegramId !== payer.telegramId)
      name(
        `${charge} (${direction}): Telegram says ${stars} Stars of ${payer.telegramId}, stored are ${known.stars} of ${known.telegramId}.`,
      );
    return;
  }
  if (direction === "refunded") {
    const { fresh } = await takeBackRefunded(ctx, { charge, telegramId: payer.telegramId, stars, at });
    if (fresh) heard.takenBack.push(charge);
    return;
  }
  const until = periodS === null ? null : at + periodS;
  const recurring = periodS !== null;
  // Which payment of a subscription was the first follows from its order.
  const payment = { charge, payer, payload, stars, at, recurring, firstRecurring: false, until };
  const { fresh } = await creditPayment(ctx, payment);
  if (fresh) heard.credited.push(charge);
}

/** Rows of ours from the time that these lines cover, which are not among them. */
async function missingThere({ db }: StarsContext, lines: readonly StatementLine[]): Promise<string[]> {
  const [first, last] = [lines[0], lines.at(-1)];
  if (first === undefined || last === undefined) return [];
  const since = new Date(first.at * 1_000 + CLOCKS_DIFFER_MS);
  const until = new Date(last.at * 1_000 - CLOCKS_DIFFER_MS);
  if (since >= until) return [];
  const rows = await db
    .select({ charge: starCharges.charge, direction: starCharges.direction })
    .from(starCharges)
    .where(between(starCharges.at, since, until));
  const there = new Set(lines.map(({ charge, direction }) => `${charge} ${direction}`));
  return rows.map(({ charge, direction }) => `${charge} ${direction}`).filter((one) => !there.has(one));
}

/** The Stars we have at Telegram by the ledger are those paid and not returned, whatever came first. */
async function booksDiffer({ pg }: StarsContext): Promise<string[]> {
  const { rows } = await pg.query<{ posted: string; kept: string }>(
    `select coalesce((select -sum(balance) from ledger_accounts where asset = 'stars' and kind = 'telegram_stars'), 0) as posted,
      coalesce((select sum(paid.stars) from star_charges paid where paid.direction = 'paid' and not exists (
        select from star_charges back where back.charge = paid.charge and back.direction = 'refunded')), 0) * 1000000000 as kept`,
  );
  const { posted, kept } = rows[0]!;
  if (BigInt(posted) === BigInt(kept)) return [];
  return [
    `The ledger has posted ${posted} billionths of Stars paid and not returned; the stored payments make ${kept}.`,
  ];
}

async function readOffset({ db }: StarsContext): Promise<number> {
  const [row] = await db.select().from(starStatement);
  return row?.read ?? 0;
}

/** A look from the beginning does not move it back: what it covered stays covered. */
async function storeOffset({ db }: StarsContext, read: number): Promise<void> {
  await db
    .insert(starStatement)
    .values({ one: 1, read })
    .onConflictDoUpdate({
      target: starStatement.one,
      set: { read: sql`greatest(${starStatement.read}, excluded.read)` },
    });
}
