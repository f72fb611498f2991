/** A worker that failed repeatedly is paused: the log says so, and it is told why. */
import type { Base } from "../base.ts";
import type { FrameSender } from "./connected-worker.ts";
import type { Pause, WorkerRecord } from "./worker-record.ts";

interface Paused {
  readonly name: string;
  readonly record: WorkerRecord;
  /** Undefined: it is not connected. */
  readonly sender: FrameSender | undefined;
}

export function tellPause(
  { events }: Pick<Base, "events">,
  { name, record, sender }: Paused,
  { ms, reason }: Pause,
): void {
  events.workerPaused({ worker: name, ms, failedInRow: record.failedInRow });
  const words = `paused for ${Math.round(ms / 1_000)} s: ${reason}`.slice(0, 500);
  sender?.send({ type: "dropped", job: null, fence: null, reason: words });
}
