/** The stack's own worker; reports its progress as steps in the terminal and as a notice on the page. */
import type { Logger } from "pino";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { Steps } from "./steps.ts";
import type { Notice } from "./telegram/event-feed.ts";
import { WorkerChild } from "./worker-child.ts";
import type { WorkerStatus } from "./worker-child.ts";

export interface LocalWorkerOptions {
  /** `STARAI_POOL_URL` is that of the pool it starts for, unless it is named here. */
  readonly env: Record<string, string | undefined>;
  readonly model: CatalogueModel;
  readonly log: Logger;
  readonly steps: Steps;
  readonly onNotice: (notice: Notice) => void;
}

/** Why there is no model yet. */
export interface Trouble {
  readonly reason: string;
  /** It does not fit into this worker alone, which waits in the pool for others. */
  readonly isLending: boolean;
}

export class LocalWorker {
  readonly #options: LocalWorkerOptions;
  #child: WorkerChild | null = null;
  #lastStep = "";
  #settle: (trouble: Trouble | null) => void = () => {};
  /** Resolves when the worker has first joined or failed; null: it serves the model. */
  readonly trouble = new Promise<Trouble | null>((resolve) => (this.#settle = resolve));

  constructor(options: LocalWorkerOptions) {
    this.#options = options;
  }

  /** Idempotent. The pool may still be on its way up: the worker dials until it answers. */
  start(poolUrl: string): void {
    if (this.#child) return;
    const { env, log, onNotice } = this.#options;
    this.#notify("loading");
    this.#child = new WorkerChild({
      env: { ...env, STARAI_POOL_URL: env.STARAI_POOL_URL ?? poolUrl },
      log,
      onStatus: (status) => this.#onStatus(status),
      onDeath: ({ reason, againInMs }) => {
        this.#printStep(`the worker stopped: ${reason} (starting it again in ${againInMs / 1_000} s)`);
        onNotice({ kind: "no-model", reason });
        this.#settle({ reason, isLending: false });
      },
    });
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    await this.#child?.stop();
  }

  #onStatus(status: WorkerStatus): void {
    const { model, steps, onNotice } = this.#options;
    switch (status.state) {
      case "downloading": {
        const done = status.totalBytes > 0 ? status.doneBytes / status.totalBytes : 0;
        const size = `${Math.round(status.totalBytes / 1e6)} MB`;
        steps.progress(`downloading ${model.id}, ${size}, from ${status.source}`, done);
        return onNotice({ kind: "downloading", model: model.id, done });
      }
      case "loading":
        this.#printStep(`loading ${model.id}`);
        return this.#notify("loading");
      case "measuring":
        this.#printStep(`measuring how fast ${model.id} is here`);
        return this.#notify("measuring");
      case "lending":
        return this.#lend();
      case "group":
        return this.#group(status);
      case "connecting":
      case "waiting":
      case "resting":
        return this.#notify("connecting");
      case "connected":
        this.#printStep(`a worker has joined the pool with ${model.id}`);
        onNotice({ kind: "none" });
        return this.#settle(null);
      default:
        return status satisfies never;
    }
  }

  #lend(): void {
    const { model, onNotice } = this.#options;
    const why = `${model.id} does not fit into the memory of one worker here, and is served once more of them have joined`;
    this.#printStep(why);
    onNotice({ kind: "no-model", reason: why });
    this.#settle({ reason: why, isLending: true });
  }

  #group({ part, stage }: Extract<WorkerStatus, { state: "group" }>): void {
    const { steps, onNotice } = this.#options;
    switch (stage.kind) {
      case "preparing":
        if (stage.done > 0) return steps.progress(stage.words, stage.done);
        return this.#printStep(stage.words);
      case "waiting":
        return this.#printStep(`ready in a group: ${part}`);
      case "up":
        this.#printStep(`the group is up: ${part}`);
        return onNotice({ kind: "none" });
      case "ended":
        this.#printStep(`the group has ended: ${stage.reason}`);
        return onNotice({ kind: "no-model", reason: stage.reason });
      default:
        return stage satisfies never;
    }
  }

  #notify(kind: "loading" | "measuring" | "connecting"): void {
    this.#options.onNotice({ kind, model: this.#options.model.id });
  }

  /** Prints a step unless it repeats the last one. */
  #printStep(what: string): void {
    if (what === this.#lastStep) return;
    this.#lastStep = what;
    this.#options.steps.done(what);
  }
}
