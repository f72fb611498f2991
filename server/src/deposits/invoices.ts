/**
 * Payments asked of a wallet. A request that may have been sent is never made again by itself: `handed` says that a wallet
 * may have it. Times are the chain's, by which the wallet refuses what is too late.
 */
import { and, desc, eq, gt, isNull, lt, sql } from "drizzle-orm";
import { CHAIN_TERMS } from "@starai/protocol/wallet";
import type { InvoiceView } from "@starai/protocol/wallet";
import { exactAmount } from "@starai/protocol/amounts";
import type { ChainContext } from "../chain/context.ts";
import type { Executor } from "../db/executor.ts";
import { depositInvoices, deposits } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { random63 } from "./deposit-number.ts";

/** A person taps a few times; a program would fill the table. */
const OPEN_MAX = 20;
/** Nothing was ever paid for those that are older. */
const KEPT_MS = 24 * 3_600_000;
/** Shown again when the app is opened. */
const SHOWN_MS = 3_600_000;
/** A message that was in time is in a block, and read, within this after its last moment. */
const LATE_MS = 60_000;

type InvoiceRow = typeof depositInvoices.$inferSelect;
type PaidRow = Pick<typeof deposits.$inferSelect, "state" | "hash">;

/** An open one of the same amount that no wallet was handed is returned again. @throws Refusal */
export async function makeInvoice(ctx: ChainContext, person: string, amount: bigint): Promise<InvoiceView> {
  const now = chainNow(ctx);
  const { depositMin: min, depositMax: max } = CHAIN_TERMS;
  if (amount < min || amount > max)
    throw new Refusal(
      "invalid_request",
      `A deposit is ${exactAmount(min)} to ${exactAmount(max)} ${ctx.config.coin}. Nothing was asked of your wallet: choose another amount.`,
      { param: "amount" },
    );
  return ctx.db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`invoices:${person}`}, 0))`);
    const untouched = and(
      eq(depositInvoices.person, person),
      isNull(depositInvoices.handedAt),
      isNull(depositInvoices.deposit),
    );
    await tx.delete(depositInvoices).where(and(untouched, lt(depositInvoices.createdAt, new Date(now - KEPT_MS))));
    const open = await tx
      .select()
      .from(depositInvoices)
      .where(and(eq(depositInvoices.person, person), gt(depositInvoices.expiresAt, new Date(now))))
      .limit(OPEN_MAX);
    const same = open.find((one) => one.amount === amount && one.handedAt === null && one.deposit === null);
    if (same !== undefined) return viewOf(ctx, same, null);
    if (open.length === OPEN_MAX)
      throw new Refusal(
        "cap_reached",
        "You asked for many payments just now. Nothing was charged: try again in five minutes.",
      );
    const times = { createdAt: new Date(now), expiresAt: new Date(now + CHAIN_TERMS.invoiceMs) };
    const [row] = await tx
      .insert(depositInvoices)
      .values({ id: random63(), person, amount, ...times })
      .returning();
    return viewOf(ctx, row!, null);
  });
}

/**
 * Before the page hands it to a wallet, which then has the whole time.
 * @throws Refusal `conflict` when it was handed over before, or is too old
 */
export async function handInvoice(ctx: ChainContext, person: string, id: bigint): Promise<InvoiceView> {
  const now = chainNow(ctx);
  const [handed] = await ctx.db
    .update(depositInvoices)
    .set({ handedAt: new Date(now), expiresAt: new Date(now + CHAIN_TERMS.invoiceMs) })
    .where(and(mine(person, id), isNull(depositInvoices.handedAt), gt(depositInvoices.expiresAt, new Date(now))))
    .returning();
  if (handed !== undefined) {
    ctx.ton.poke();
    return viewOf(ctx, handed, null);
  }
  const { row } = await find(ctx.db, person, id);
  throw new Refusal(
    "conflict",
    row.handedAt === null
      ? "This payment was asked for too long ago. Nothing was sent: choose the amount again."
      : "A wallet was asked for this payment before, and may have sent it. Look into your wallet first; what was sent is credited by itself.",
  );
}

/** The wallet said that it sent it. */
export async function noteSent(ctx: ChainContext, person: string, id: bigint): Promise<InvoiceView> {
  const now = new Date(chainNow(ctx));
  await ctx.db
    .update(depositInvoices)
    .set({ sentAt: now, handedAt: sql`coalesce(${depositInvoices.handedAt}, ${now})` })
    .where(and(mine(person, id), isNull(depositInvoices.sentAt)));
  ctx.ton.poke();
  const { row, paid } = await find(ctx.db, person, id);
  return viewOf(ctx, row, paid);
}

/** The newest of the last hour: what the app goes on with when it is opened again. */
export async function latestInvoice(ctx: ChainContext, person: string): Promise<InvoiceView | null> {
  const since = new Date(chainNow(ctx) - SHOWN_MS);
  const [found] = await withDeposits(ctx.db)
    .where(and(eq(depositInvoices.person, person), gt(depositInvoices.createdAt, since)))
    .orderBy(desc(depositInvoices.createdAt))
    .limit(1);
  return found ? viewOf(ctx, found.row, found.paid) : null;
}

const mine = (person: string, id: bigint) => and(eq(depositInvoices.person, person), eq(depositInvoices.id, id));

/** @throws Refusal `not_found` */
async function find(db: Executor, person: string, id: bigint): Promise<{ row: InvoiceRow; paid: PaidRow | null }> {
  const [found] = await withDeposits(db).where(mine(person, id));
  if (found === undefined)
    throw new Refusal("not_found", "This payment is not known here. Nothing was charged: choose the amount again.");
  return found;
}

const withDeposits = (db: Executor) =>
  db
    .select({ row: depositInvoices, paid: { state: deposits.state, hash: deposits.hash } })
    .from(depositInvoices)
    .leftJoin(deposits, eq(deposits.id, depositInvoices.deposit));

function viewOf({ ton }: Pick<ChainContext, "ton">, row: InvoiceRow, paid: PaidRow | null): InvoiceView {
  const { id, amount, expiresAt } = row;
  const transaction = paid?.hash.toString("hex") ?? null;
  const isOver = ton.readUntilS * 1_000 > expiresAt.getTime() + LATE_MS;
  const state = stateOf(row, paid, { isOver });
  return { id: String(id), amount: String(amount), expiresAt: expiresAt.toISOString(), state, transaction };
}

/** `isOver`: the chain was read up to a time at which it would have been there. */
function stateOf(row: InvoiceRow, paid: PaidRow | null, { isOver }: { isOver: boolean }): InvoiceView["state"] {
  if (paid?.state === "credited" || paid?.state === "checking") return paid.state;
  if (isOver) return "expired";
  if (row.sentAt !== null) return "sent";
  return row.handedAt === null ? "asked" : "handed";
}

/** Ms. @throws Refusal `not_configured` */
const chainNow = ({ ton }: Pick<ChainContext, "ton">): number => ton.get().nowS() * 1_000;
