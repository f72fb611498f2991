/** One run that is live in this process: its snapshot, its event log, and the means to stop it. */
import { EMPTY_VIEW, applyEvent, snapshotOf } from "@starai/protocol/run-view";
import type { RunView } from "@starai/protocol/run-view";
import type { RunEvent, RunSnapshot, Step } from "@starai/protocol/runs";
import type { JobHandle } from "../jobs/job.ts";
import { RunLog } from "./run-log.ts";
import type { NumberedEvent } from "./run-log.ts";

/** Why a live run stops before its end. */
export type StopReason = "person" | "shutdown" | "deadline" | "deleted";

export class LiveRun {
  launched = false;
  /** The decision whose tool has not answered yet, or the one that answers. */
  step: Step | null = null;
  /** The model call being followed. */
  job: JobHandle | null = null;
  stopped: StopReason | null = null;
  /** The last bill being opened or job being submitted; settles also after a stop, and never rejects. */
  starting: Promise<unknown> = Promise.resolve();
  readers = 0;
  readonly #run: Pick<RunSnapshot, "id" | "thread">;
  #view: RunView;
  readonly #log: RunLog;
  readonly #stop = new AbortController();

  constructor(snapshot: RunSnapshot, life: string) {
    this.#run = { id: snapshot.id, thread: snapshot.thread };
    this.#view = applyEvent(EMPTY_VIEW, { type: "snapshot", run: snapshot });
    this.#log = new RunLog(life);
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** The state a new reader starts from. */
  get snapshot(): RunSnapshot {
    return snapshotOf(this.#run, this.#view);
  }

  /** Applies an event to the snapshot and emits it to the readers. */
  emit(event: RunEvent): void {
    if (event.type === "phase" && JSON.stringify(event.phase) === JSON.stringify(this.#view.phase)) return;
    this.#view = applyEvent(this.#view, event);
    this.#log.append(event);
  }

  /** Starts the work, or restarts it after the last stored step and discards any later output. */
  begin(stored: Step[]): void {
    this.launched = true;
    this.step = null;
    this.job = null;
    const { steps, thought, answer } = this.#view;
    const isNew = thought === "" && answer === "" && steps.length === stored.length;
    this.#view = { ...this.#view, steps: stored };
    if (!isNew) this.restartStep();
  }

  /** Discards the partial output of the current step. */
  restartStep(): void {
    this.emit({ type: "snapshot", run: { ...this.snapshot, thought: "", answer: "" } });
  }

  stop(reason: StopReason): void {
    if (this.stopped !== null) return;
    this.stopped = reason;
    this.#stop.abort(new DOMException(`the run is stopped: ${reason}`, "AbortError"));
  }

  /** Ends all readers without an end event because this server stops; they reconnect. */
  closeLog(): void {
    this.#log.close();
  }

  async *events(lastEventId?: string): AsyncGenerator<NumberedEvent> {
    this.readers++;
    try {
      yield* this.#log.follow(lastEventId, () => this.snapshot);
    } finally {
      this.readers--;
    }
  }
}
