/** The child process of one engine: starts it, exchanges messages, and reports its exit with the end of its stderr. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { guarded } from "@starai/protocol/guarded";
import type { Logger } from "pino";
import type { FromChild, ToChild } from "./child-messages.ts";

/** Length of the engine's stderr tail that is logged with a crash. */
const STDERR_TAIL_CHARS = 2_000;

export interface EngineChildEvents {
  message(message: FromChild): void;
  /** Called once. `why` says how it ended and what it last wrote. */
  exit(why: string): void;
}

/** What LlamaEngine watches and starts again: one model in a process of its own. */
export interface EngineChild {
  readonly pid: number | undefined;
  send(message: ToChild): void;
  kill(): void;
}

export class EngineProcess implements EngineChild {
  readonly #child: ChildProcess;
  #lastWords = "";

  constructor(events: EngineChildEvents, log: Logger) {
    // The loader is named by its full path, so that the child starts in any working directory.
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    this.#child = fork(fileURLToPath(new URL("./child.ts", import.meta.url)), [], {
      execArgv: ["--import", tsx],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-STDERR_TAIL_CHARS);
    });
    const onMessage = (message: unknown) => events.message(message as FromChild);
    this.#child.on("message", guarded(log, "a message of the engine", onMessage));
    this.#child.on("error", () => {});
    this.#child.once("exit", (code, signal) => {
      const words = this.#lastWords.trim();
      events.exit(`the engine process ended (${signal ?? `exit ${code}`})${words ? `: ${words}` : ""}`);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: ToChild): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
