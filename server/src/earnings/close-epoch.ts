/**
 * Closes the running epoch. First its plan is written (plan-epoch.ts), then its lines are moved in batches (move-lines.ts),
 * and when all are, its leaves are final. The database says how far that is, so that wherever it breaks off, and whoever
 * closes at the same time, it is gone on with from there. The file of leaves and its root follow (epoch-file.ts).
 */
import type { Pool } from "pg";
import { moneyTransaction } from "../billing/money-transaction.ts";
import type { ChainContext } from "../chain/context.ts";
import { lastOfFees } from "./closing-books.ts";
import type { SeenDistributor } from "./distributor.ts";
import { lockEpochs } from "./lock-epochs.ts";
import { LINES_AT_ONCE, moveLines } from "./move-lines.ts";
import { planEpoch } from "./plan-epoch.ts";
import type { NotClosed, Planned } from "./plan-epoch.ts";

export interface ClosingOptions {
  /** An operator's word: the leaves of a dropped epoch are proposed anew, at once. */
  readonly again?: boolean;
  /** Moved in one transaction. */
  readonly linesAtOnce?: number;
  /** Ends it between two batches. */
  readonly signal?: AbortSignal;
}

/** @throws the database's faults; whoever closes next goes on where it stopped */
export async function closeEpoch(
  { pg, clock }: Pick<ChainContext, "pg" | "clock">,
  seen: SeenDistributor,
  { again = false, ...moving }: ClosingOptions = {},
): Promise<Planned | NotClosed> {
  const times = { again, now: clock(), upto: await lastOfFees(pg) };
  const planned = await moneyTransaction(pg, (open) => planEpoch(open, seen, times));
  return typeof planned === "string" ? planned : finishClosing(pg, planned.number, moving);
}

/** Moves what is left of a planned epoch. `on_its_way`: another server was the one that moved the last of it. */
export async function finishClosing(
  pg: Pool,
  number: number,
  { linesAtOnce = LINES_AT_ONCE, ...moving }: Pick<ClosingOptions, "linesAtOnce" | "signal"> = {},
): Promise<Planned | "on_its_way"> {
  await moveLines(pg, number, { linesAtOnce, ...moving });
  return moneyTransaction(pg, async ({ client }) => {
    await lockEpochs(client);
    const { rows } = await client.query<{ released: string }>(FINISH, [number]);
    return rows[0] === undefined ? "on_its_way" : { number, released: BigInt(rows[0].released) };
  });
}

const FINISH = `
  update epochs e set state = case when for_chain then 'closed' else 'active' end, leaves = l.leaves, total = l.total
  from (select count(*) as leaves, coalesce(sum(cumulative), 0) as total from epoch_leaves) l
  where number = $1 and state = 'closing' and not exists (select from epoch_lines where epoch = $1 and to_move)
  returning (select coalesce(sum(released), 0) from epoch_lines where epoch = $1)::text as released`;
