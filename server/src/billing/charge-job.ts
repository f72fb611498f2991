/**
 * What a job's end costs, in the transaction that ends it: its price by the tokens the server committed, captured from
 * the bill's hold where somebody pays. A job whose bill is closed already is nobody's: its end came too late.
 */
import { eq, sql } from "drizzle-orm";
import type { GroupMember } from "../db/group-member.ts";
import { billJobs, bills } from "../db/schema.ts";
import { applyOperations } from "../ledger/apply-operations.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Asset } from "../ledger/rules/account-kinds.ts";
import type { Capture, Leg } from "../ledger/rules/operation.ts";
import type { ReceiptLeg } from "@starai/protocol/receipts";
import type { BilledTokens } from "../prices/tokens.ts";
import { assetOf, billOf, workerOwner } from "./bill.ts";
import type { Bill } from "./bill.ts";
import type { MoneyContext } from "./context.ts";
import { houseAccounts } from "./house-accounts.ts";
import { jobPrice, legsOf } from "./job-price.ts";
import type { JobPrice, Worked } from "./job-price.ts";
import type { MoneyTransaction } from "./money-transaction.ts";

export interface EndedJob {
  readonly job: string;
  readonly bill: string;
  /** `done`, or the code it failed with: only what is done is captured at once. */
  readonly end: string;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly answerTokens: number;
  readonly estimated: boolean;
  readonly elapsedMs: number;
}

/** Locks the bill until the transaction ends; null when there is none, or it is closed. */
export async function lockOpenBill({ tx }: MoneyTransaction, id: string): Promise<Bill | null> {
  const [row] = await tx.select().from(bills).where(eq(bills.id, id)).for("no key update");
  return row === undefined || row.closedAt !== null ? null : billOf(row);
}

/** Call it after the job's own row is written. */
export async function chargeJob(ctx: MoneyContext, open: MoneyTransaction, ended: EndedJob): Promise<void> {
  const bill = await lockOpenBill(open, ended.bill);
  if (bill === null) return ctx.log.warn({ job: ended.job }, "a job ended after its bill was closed; it costs nobody");
  const attempts = await attemptsOf(open, ended);
  const most = assetOf(bill) === null ? UNBOUNDED : await leftOf(open, bill.id);
  const tokens = billedTokens(ended);
  const price = jobPrice(bill.prices, { tokens, attempts, most, house: bill.price });
  const captured = ended.end === "done" && (await captureJob(ctx, open, { bill, job: ended.job, price }));
  const { job, end, estimated } = ended;
  await open.tx.insert(billJobs).values({
    job,
    bill: bill.id,
    purpose: "step",
    end,
    promptTokens: tokens.prompt,
    cachedTokens: tokens.cached,
    answerTokens: tokens.answer,
    estimated,
    captured,
    amount: price.amount,
    shares: [...price.shares],
    elapsedMs: Math.round(ended.elapsedMs),
  });
}

/** What was delivered. A job that ended otherwise before its first token delivered nothing, and nobody pays its prompt. */
function billedTokens({ end, promptTokens, cachedTokens, answerTokens }: EndedJob): BilledTokens {
  if (end !== "done" && answerTokens === 0) return { prompt: 0, cached: 0, answer: 0 };
  return { prompt: promptTokens, cached: cachedTokens, answer: answerTokens };
}

/** Above any price: what costs nobody is bounded by nothing. */
const UNBOUNDED = 4n * 10n ** 18n;

async function leftOf({ client }: MoneyTransaction, hold: string): Promise<bigint> {
  const { rows } = await client.query<{ left: string }>(
    'select amount - used as "left" from ledger_holds where id = $1 and closed_at is null',
    [hold],
  );
  return BigInt(rows[0]?.left ?? "0");
}

async function captureJob(ctx: MoneyContext, { client }: MoneyTransaction, captured: Captured): Promise<boolean> {
  // A request's end is its bill's; an answer may still fail.
  const capture = await captureOf(ctx, captured, captured.bill.kind === "request" ? "loss" : "pending");
  if (capture === null) return false;
  const [outcome] = await applyOperations(client, [capture], { halted: ctx.ledger.halted });
  if (outcome?.kind === "done" || outcome?.kind === "again") return true;
  ctx.log.error({ job: captured.job, outcome }, "a job's price could not be captured; nobody pays for it");
  return false;
}

interface Captured {
  readonly bill: Bill;
  readonly job: string;
  readonly price: JobPrice;
}

/**
 * The capture of a job's price, under the job's own id; null where nobody pays.
 * @param reserve  where the reserve for losses goes: `pending` as long as the answer may fail
 */
export async function captureOf(
  ctx: MoneyContext,
  { bill, job, price }: Captured,
  reserve: "loss" | "pending",
): Promise<Capture | null> {
  const asset = assetOf(bill);
  const legs = legsOf(price, bill.price);
  if (asset === null || legs.length === 0) return null;
  return { verb: "capture", key: job, hold: bill.id, legs: await ledgerLegs(ctx.ledger, { asset, reserve }, legs) };
}

async function ledgerLegs(
  ledger: Ledger,
  { asset, reserve }: { asset: Asset; reserve: "loss" | "pending" },
  legs: readonly ReceiptLeg[],
): Promise<Leg[]> {
  const house = await houseAccounts(ledger, asset);
  const accountOf = ({ to, worker }: ReceiptLeg) => {
    if (to === "worker") return ledger.openAccount({ asset, kind: "earner", owner: workerOwner(worker!) });
    return to === "fee" ? house.fees : to === "loss_reserve" ? house[reserve] : house[to];
  };
  const written = new Map<string, Leg>();
  for (const leg of legs) {
    const to = await accountOf(leg);
    const kind = leg.to === "worker" ? "earned" : leg.to;
    const before = written.get(`${to} ${kind}`)?.amount ?? 0n;
    // One leg for each worker, however often a job came back to it: a capture holds so many legs and no more.
    written.set(`${to} ${kind}`, { to, amount: before + BigInt(leg.amount), kind });
  }
  return [...written.values()];
}

/** Who worked on the job, in order. Tokens nobody is noted for were committed before a crash of this server. */
async function attemptsOf({ tx }: MoneyTransaction, { job, answerTokens }: EndedJob): Promise<Worked[]> {
  const { rows } = await tx.execute<{
    worker: string;
    name: string;
    tokens: number;
    false: boolean;
    end: string | null;
    tookMs: number | null;
    levelMs: number | null;
    members: GroupMember[] | null;
  }>(
    sql`select a.worker_id as worker, coalesce(w.name, '') as name, a.tokens, a.is_false as "false", a."end",
        a.took_ms as "tookMs", a.level_ms as "levelMs", a.members
      from attempts a left join workers w on w.id = a.worker_id where a.job_id = ${job} order by a.fence`,
  );
  const noted = rows.reduce((sum, { tokens }) => sum + tokens, 0);
  const crashed = rows.findLastIndex(({ end }) => end === "server_restarted");
  return rows.map(({ worker, name, tokens, false: isFalse, tookMs, levelMs, members }, at) => ({
    worker,
    name,
    tokens: at === crashed ? tokens + Math.max(0, answerTokens - noted) : tokens,
    isFalse,
    members,
    timed: tookMs === null || levelMs === null ? null : { tookMs, levelMs },
  }));
}
