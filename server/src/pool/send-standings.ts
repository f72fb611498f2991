/**
 * Tells workers their standing after the welcome and whenever it changes: paired or not, staked or not, an epoch closed.
 * Polled, as bans are: what changes it is written by routes, by the watch of stakes, by an operator's own process.
 */
import { guarded } from "@starai/protocol/guarded";
import { standingsOf } from "../contributors/standings.ts";
import type { ConnectedWorker } from "./connected-worker.ts";
import type { PoolContext } from "./context.ts";

const LOOK_MS = 2_000;

type Parts = Pick<PoolContext, "db" | "health" | "log" | "registry" | "ton">;

/** Polls until the returned function is called. */
export function watchStandings(ctx: Parts): () => void {
  let looking = false;
  const look = async () => {
    if (looking) return;
    looking = true;
    try {
      await sendStandings(ctx, ctx.registry.connectedWorkers());
    } catch (error) {
      if (!ctx.health.noticed(error))
        ctx.log.warn({ err: error }, "workers could not be told their standing; trying again");
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(guarded(ctx.log, "a look at standings", look), LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Right after its welcome; where that fails the next look does it. */
export async function tellStanding(ctx: Parts, worker: ConnectedWorker): Promise<void> {
  await sendStandings(ctx, [worker]).catch((error: unknown) => ctx.health.noticed(error));
}

/** Those whose standing is another than they were told; only who keeps notes knows these frames. */
export async function sendStandings(ctx: Parts, workers: readonly ConnectedWorker[]): Promise<void> {
  const told = workers.filter(({ facts, leaving }) => facts.notes !== null && !leaving);
  const standings = await standingsOf(
    ctx,
    told.map(({ id }) => id),
  );
  for (const worker of told) {
    const standing = standings.get(worker.id)!;
    const words = JSON.stringify(standing);
    if (words === worker.toldStanding) continue;
    // What it is paid for is another matter now: the next job should know.
    ctx.registry.owners.changed();
    if (worker.sender.send({ type: "standing", standing })) worker.toldStanding = words;
  }
}
