/** Large deposits are credited once somebody else's endpoint shows them, too: one alone may have been deceived. */
import { and, eq, sql } from "drizzle-orm";
import type { TonClient } from "@ton/ton";
import { Address } from "@ton/core";
import { moneyTransaction } from "../billing/money-transaction.ts";
import type { Chain } from "../chain/chain.ts";
import type { ChainContext } from "../chain/context.ts";
import { unlessStopped } from "../chain/repeat.ts";
import type { Executor } from "../db/executor.ts";
import { deposits, people } from "../db/schema.ts";
import { creditDeposits } from "./credit-waiting.ts";
import { tellGiver } from "./tell-deposit.ts";

/** At a look: an endpoint without a key serves one request a second, and looks are 15 s apart. */
const CHECKED_MAX = 20;

type DepositRow = typeof deposits.$inferSelect;

/**
 * Without a second endpoint they wait for an operator's word. Each is checked on its own, and drawn by lot, so that those
 * which the endpoint does not show keep no other one waiting.
 * @throws the first fault of the endpoint or the database, once all were asked for
 */
export async function checkLargeDeposits(ctx: ChainContext, { second }: Chain, signal: AbortSignal): Promise<void> {
  if (second === null) return;
  const waiting = await ctx.db
    .select()
    .from(deposits)
    .where(eq(deposits.state, "checking"))
    .orderBy(sql`random()`)
    .limit(CHECKED_MAX);
  const faults: unknown[] = [];
  for (const deposit of waiting) await checkOne(deposit).catch((error: unknown) => faults.push(error));
  signal.throwIfAborted();
  if (faults.length > 0) throw faults[0];

  async function checkOne(deposit: DepositRow): Promise<void> {
    if (await unlessStopped(signal, isShownBy(second!, deposit))) await confirmDeposit(ctx, deposit.id);
  }
}

/** A transaction's hash covers its account, its time and the message with its value. */
async function isShownBy(client: TonClient, { account, lt, hash, amount }: DepositRow): Promise<boolean> {
  const place = { lt: String(lt), hash: hash.toString("base64"), inclusive: true, limit: 1, archival: true };
  const [shown] = await client.getTransactions(Address.parseRaw(account), place);
  const info = shown?.inMessage?.info;
  if (shown === undefined || info?.type !== "internal") return false;
  return shown.lt === lt && shown.hash().equals(hash) && info.value.coins === amount;
}

/** False where it is not being checked any more, or its person is gone. */
export async function confirmDeposit(ctx: Pick<ChainContext, "pg" | "changes">, id: string): Promise<boolean> {
  const isCredited = await moneyTransaction(ctx.pg, async (open) => {
    const [row] = await open.tx
      .select()
      .from(deposits)
      .where(and(eq(deposits.id, id), eq(deposits.state, "checking")))
      .for("update");
    return row !== undefined && creditChecked(open, row);
  });
  if (isCredited) ctx.changes.emit("bot", { type: "notices" });
  return isCredited;
}

/**
 * Credits one that is being checked and locked. Who is gone meanwhile gets nothing: it is nobody's again, and false is
 * returned. Asks the ledger, so that it is done once in a transaction.
 */
export async function creditChecked(open: Parameters<typeof creditDeposits>[0], row: DepositRow): Promise<boolean> {
  const { id, how, sender, amount } = row;
  const person = row.person!;
  const [known] = await open.tx.select({ id: people.id }).from(people).where(eq(people.id, person)).for("key share");
  if (known === undefined) {
    await doubtDeposit(open.tx, id);
    return false;
  }
  await tellGiver(open.tx, { deposit: id, person, how, sender, amount });
  await creditDeposits(open, [row], { person, how });
  return true;
}

/** One that is being checked is nobody's again: its money stays with the unmatched, and an operator may still assign it. */
export async function doubtDeposit(tx: Executor, id: string): Promise<void> {
  await tx.update(deposits).set({ state: "unmatched", person: null, how: null }).where(eq(deposits.id, id));
}
