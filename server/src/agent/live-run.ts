/** One run while it lives in this process: its snapshot, its log, and the way to stop it. */
import type { RunEvent, RunSnapshot, Step } from "@starai/protocol/runs";
import type { JobHandle } from "../jobs/job.ts";
import { RunLog, type NumberedEvent } from "./run-log.ts";

/** Why a live run stops before its end. */
export type StopReason = "person" | "shutdown" | "deadline" | "deleted";

export class LiveRun {
  readonly snapshot: RunSnapshot;
  launched = false;
  /** The decision whose tool has not answered yet, or the one that answers. */
  step: Step | null = null;
  /** The model call being followed. */
  job: JobHandle | null = null;
  stopped: StopReason | null = null;
  readers = 0;
  readonly #log: RunLog;
  readonly #stop = new AbortController();

  constructor(snapshot: RunSnapshot, life: string) {
    this.snapshot = snapshot;
    this.#log = new RunLog(life);
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Changes the snapshot and tells the readers; both say the same. */
  tell(event: RunEvent): void {
    const { snapshot } = this;
    switch (event.type) {
      case "phase":
        if (JSON.stringify(snapshot.phase) === JSON.stringify(event.phase)) return;
        snapshot.phase = event.phase;
        break;
      case "thought":
        snapshot.thought += event.delta;
        break;
      case "answer":
        snapshot.answer += event.delta;
        break;
      case "step":
        snapshot.steps.push(event.step);
        snapshot.thought = "";
        break;
      case "end":
        snapshot.status = event.outcome.kind;
        snapshot.outcome = event.outcome;
        snapshot.answer = event.answer;
        break;
      case "tool":
      case "moved":
      case "snapshot":
        break;
    }
    this.#log.append(event);
  }

  /** Its work begins, or begins anew after the last stored step: whatever else was told is void. */
  begin(stored: Step[]): void {
    this.launched = true;
    this.step = null;
    this.job = null;
    const { steps, thought, answer } = this.snapshot;
    const isNew = thought === "" && answer === "" && steps.length === stored.length;
    this.snapshot.steps = stored;
    if (!isNew) this.restartStep();
  }

  /** What was told of the step being written is void. */
  restartStep(): void {
    this.snapshot.thought = "";
    this.snapshot.answer = "";
    this.#log.append({ type: "snapshot", run: structuredClone(this.snapshot) });
  }

  stop(reason: StopReason): void {
    if (this.stopped !== null) return;
    this.stopped = reason;
    this.#stop.abort(new DOMException(`the run is stopped: ${reason}`, "AbortError"));
  }

  /** This server goes; readers end without an end event and come again. */
  closeLog(): void {
    this.#log.close();
  }

  async *events(lastEventId?: string): AsyncGenerator<NumberedEvent> {
    this.readers++;
    try {
      yield* this.#log.follow(lastEventId, () => structuredClone(this.snapshot));
    } finally {
      this.readers--;
    }
  }
}
