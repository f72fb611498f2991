/**
 * Polls whether the operator banned or drained a connected worker, or took that back. The command writes into the
 * database from a process of its own; a look every two seconds needs no connection that could break unnoticed.
 */
import { and, inArray, isNotNull, or } from "drizzle-orm";
import { guarded } from "@starai/protocol/guarded";
import { CLOSE } from "@starai/protocol/worker-frames";
import type { PoolContext } from "./context.ts";
import { workers } from "../db/schema.ts";
import { isDrained } from "./standing.ts";
import type { ConnectedWorker } from "./connected-worker.ts";

const LOOK_MS = 2_000;
const REASON_CHARS_MAX = 300;

type Parts = Pick<PoolContext, "db" | "health" | "log" | "registry">;

interface Standing {
  readonly id: string;
  readonly drained: boolean;
  readonly bannedAt: Date | null;
  readonly reason: string | null;
}

/** Polls until the returned function is called. */
export function watchStanding(ctx: Parts): () => void {
  const look = async () => {
    try {
      await lookOnce(ctx);
    } catch (error) {
      if (!ctx.health.noticed(error))
        ctx.log.warn({ err: error }, "bans and drains could not be looked for; trying again");
    }
  };
  const timer = setInterval(guarded(ctx.log, "a look at bans and drains", look), LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

async function lookOnce({ db, registry }: Parts): Promise<void> {
  const connectedWorkers = registry.connectedWorkers().filter((connected) => !connected.leaving);
  if (connectedWorkers.length === 0) return;
  const ids = connectedWorkers.map((connected) => connected.id);
  const rows = await db
    .select({ id: workers.id, drained: isDrained, bannedAt: workers.bannedAt, reason: workers.pauseReason })
    .from(workers)
    .where(and(inArray(workers.id, ids), or(isNotNull(workers.bannedAt), isDrained)));
  const decided = new Map<string, Standing>(rows.map((row) => [row.id, row]));
  for (const connected of connectedWorkers) apply(registry, connected, decided.get(connected.id));
}

function apply(registry: Parts["registry"], connected: ConnectedWorker, standing: Standing | undefined): void {
  if (standing?.bannedAt) return registry.evict(connected.id, CLOSE.banned, bannedWords(standing.reason));
  const drained = standing?.drained === true;
  if (drained === connected.drained) return;
  registry.drain(connected, drained);
  const words = drained ? `drained by the operator, no new work comes: ${standing.reason ?? ""}` : "the drain is over";
  connected.sender.send({ type: "dropped", job: null, fence: null, reason: words.slice(0, REASON_CHARS_MAX) });
}

export function bannedWords(reason: string | null): string {
  return reason === null ? "this worker key is banned from the pool" : `banned from the pool: ${reason}`;
}
