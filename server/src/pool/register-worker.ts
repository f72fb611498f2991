/**
 * Looks up the record of a worker that has proven its key, and makes it a connected worker. A new key gets its row with
 * its first lease: until then there is nothing to remember, and keys are free.
 */
import { ASK_PERCENT } from "@starai/protocol/ask-percent";
import type { ServedModel, WorkerFrame } from "@starai/protocol/worker-frames";
import { eq, getTableColumns, sql } from "drizzle-orm";
import type { PoolContext } from "./context.ts";
import { adoptByCode } from "../contributors/adopt-by-code.ts";
import { workers } from "../db/schema.ts";
import { isDrained } from "./standing.ts";
import { storedScore } from "./reputation.ts";
import type { Score } from "./reputation.ts";
import { NO_HISTORY } from "./worker-record.ts";
import type { WorkerHistory } from "./worker-record.ts";
import { ConnectedWorker } from "./connected-worker.ts";
import type { FrameSender } from "./connected-worker.ts";
import { UNKNOWN } from "./origin-of.ts";
import type { Origin } from "./origin-of.ts";

export type Registered =
  | { kind: "banned"; reason: string | null }
  /** `ignored` has a reason for each model that is not used, and for an owner code. */
  | { kind: "registered"; connected: ConnectedWorker; ignored: string[] };

export async function registerWorker(
  ctx: PoolContext,
  sender: FrameSender & { readonly origin: Origin },
  key: string,
  ready: WorkerFrame & { type: "ready" },
): Promise<Registered> {
  const name = printable(ready.name) || key.slice(0, 8);
  const version = printable(ready.version);
  const [row] = await ctx.db
    .update(workers)
    .set({ name, version, lastSeenAt: sql`now()`, saidGoodbyeAt: null })
    .where(eq(workers.id, key))
    .returning({ ...getTableColumns(workers), ...storedScore, drained: isDrained });
  if (row?.bannedAt) return { kind: "banned", reason: row.pauseReason };
  const { models, ignored } = knownModels(ctx, ready.models);
  // Loading a vocabulary takes seconds; the first job should not wait for it.
  for (const model of models) void ctx.vocabularies.open(model.id);
  const pausedForMs = row?.pausedUntil && !row.drained ? row.pausedUntil.getTime() - ctx.clock() : 0;
  const record = ctx.registry.recordOf(key, row ? historyOf(row, { pausedForMs, now: ctx.clock() }) : NO_HISTORY);
  if (ready.ownerCode !== undefined) {
    const { address } = sender.origin;
    const refusal = await adoptByCode(ctx, { worker: key, name, version, code: ready.ownerCode, address });
    if (refusal !== null) ignored.push(refusal);
  }
  await ctx.registry.owners.read(ctx, [key]);
  const { devices, askPercent = ASK_PERCENT.usual, notes = null, split = null } = ready;
  const facts = { id: key, name, version, devices, askPercent, notes, models, split, record };
  const connected = new ConnectedWorker(facts, sender, ctx.monotonic());
  connected.drained = row?.drained === true;
  if (sender.origin.address !== UNKNOWN) connected.address = sender.origin.address;
  return { kind: "registered", connected, ignored };
}

function historyOf(
  row: Omit<typeof workers.$inferSelect, "good" | "bad"> & Score,
  { pausedForMs, now }: { pausedForMs: number; now: number },
): WorkerHistory {
  const { good, bad, firstSeenAt } = row;
  return { ...row, score: { good, bad }, knownMs: now - firstSeenAt.getTime(), pausedForMs };
}

/** A model counts when the catalogue has the very same file under its id. */
function knownModels(ctx: PoolContext, offered: readonly ServedModel[]): { models: ServedModel[]; ignored: string[] } {
  const models = new Map<string, ServedModel>();
  const ignored: string[] = [];
  for (const model of offered) {
    const known = ctx.catalogue.get(model.id);
    if (!known) ignored.push(`the model ${model.id} is not in this pool's catalogue`);
    else if (known.sha256 !== model.sha256)
      ignored.push(`the file of ${model.id} is not the catalogue's: its sha256 differs`);
    else if (models.has(model.id)) ignored.push(`the model ${model.id} was offered twice`);
    else models.set(model.id, { ...model, contextTokens: Math.min(model.contextTokens, known.contextTokens) });
  }
  return { models: [...models.values()], ignored };
}

/** A name chosen by a stranger, made safe for logs and the database: no control characters. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "").trim();
}
