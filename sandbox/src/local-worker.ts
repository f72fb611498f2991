/** The house's own worker, told to the person: in the terminal step by step, on the page as one line. */
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
  readonly tell: (notice: Notice) => void;
}

export class LocalWorker {
  readonly #options: LocalWorkerOptions;
  #child: WorkerChild | null = null;
  #said = "";
  #settle: (trouble: string | null) => void = () => {};
  /** Resolves at the first answer to "is there a model?": null for yes, otherwise what is in the way. */
  readonly trouble = new Promise<string | null>((resolve) => (this.#settle = resolve));

  constructor(options: LocalWorkerOptions) {
    this.#options = options;
  }

  /** Idempotent. The pool may still be on its way up: the worker dials until it answers. */
  start(poolUrl: string): void {
    if (this.#child) return;
    const { env, log, tell } = this.#options;
    this.#tellKind("loading");
    this.#child = new WorkerChild({
      env: { ...env, STARAI_POOL_URL: env.STARAI_POOL_URL ?? poolUrl },
      log,
      onStatus: (status) => this.#onStatus(status),
      onDeath: ({ reason, againInMs }) => {
        this.#say(`the worker stopped: ${reason} (starting it again in ${againInMs / 1_000} s)`);
        tell({ kind: "no-model", reason });
        this.#settle(reason);
      },
    });
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    await this.#child?.stop();
  }

  #onStatus(status: WorkerStatus): void {
    const { model, steps, tell } = this.#options;
    switch (status.state) {
      case "downloading": {
        const done = status.totalBytes > 0 ? status.doneBytes / status.totalBytes : 0;
        const size = `${Math.round(status.totalBytes / 1e6)} MB`;
        steps.progress(`downloading ${model.id}, ${size}, from ${status.source}`, done);
        return tell({ kind: "downloading", model: model.id, done });
      }
      case "loading":
        this.#say(`loading ${model.id}`);
        return this.#tellKind("loading");
      case "measuring":
        this.#say(`measuring how fast ${model.id} is here`);
        return this.#tellKind("measuring");
      case "connecting":
      case "waiting":
        return this.#tellKind("connecting");
      case "connected":
        this.#say(`a worker has joined the pool with ${model.id}`);
        tell({ kind: "none" });
        return this.#settle(null);
      default:
        return status satisfies never;
    }
  }

  #tellKind(kind: "loading" | "measuring" | "connecting"): void {
    this.#options.tell({ kind, model: this.#options.model.id });
  }

  /** The same line twice in a row is said once. */
  #say(what: string): void {
    if (what === this.#said) return;
    this.#said = what;
    this.#options.steps.done(what);
  }
}
