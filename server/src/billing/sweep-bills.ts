/**
 * Closes bills that were left open: a crash between a request's bill and its job, a conversation deleted while its
 * server was down. Never by the clock alone: what still runs keeps its bill, whatever the time.
 */
import type { MoneyContext } from "./context.ts";
import { closeBillAlone } from "./close-bill.ts";

/** A job is made within this of its bill; a run's end and its bill's are one. */
const YOUNG_MS = 15 * 60_000;
const AT_ONCE_MAX = 200;

/** Returns how many were closed. */
export async function sweepBills(ctx: MoneyContext): Promise<number> {
  const { rows } = await ctx.pg.query<{ id: string; kind: "answer" | "request"; worked: boolean }>(
    `select b.id, b.kind, exists (select from bill_jobs j where j.bill = b.id) as worked
     from bills b
     where b.closed_at is null and b.opened_at < $1
       and not exists (select from runs r where coalesce(r.bill, r.id) = b.id and r.status = 'running')
       and not exists (select from jobs j where j.bill = b.id and j.state in ('queued', 'leased'))
     order by b.opened_at limit ${AT_ONCE_MAX}`,
    [new Date(ctx.clock() - YOUNG_MS)],
  );
  for (const { id, kind, worked } of rows) {
    // An answer without a run was deleted with its conversation: what it delivered is paid.
    const end = kind === "answer" && worked ? "deleted" : "failed";
    await closeBillAlone(ctx, { bill: id, end });
    ctx.log.warn({ bill: id, end }, "a bill that was left open is closed");
  }
  return rows.length;
}
