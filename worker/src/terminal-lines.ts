/** What the worker says to the person in front of its terminal: one line a thing, and one line that grows while something is fetched. */
import type { Output } from "./commands/pull.ts";
import { megabytes } from "./models/store-errors.ts";
import type { WorkerStatus } from "./open-engines.ts";

export class TerminalLines {
  readonly #out: Output;
  #said = "";
  /** Whether the last line is still open and is to be written over. */
  #open = false;

  constructor(out: Output) {
    this.#out = out;
  }

  /** A line of its own; the same one twice in a row is said once. */
  say(text: string): void {
    if (text === this.#said) return;
    this.#said = text;
    this.#out.write(`${this.#open ? "\r\x1b[K" : ""}· ${text}\n`);
    this.#open = false;
  }

  tell(status: WorkerStatus): void {
    switch (status.state) {
      case "downloading":
        return this.#progress(
          `fetching ${status.model}, ${megabytes(status.totalBytes)}: ${percent(status.doneBytes / status.totalBytes)}, ${status.source}`,
        );
      case "loading":
        return this.#progress(`loading ${status.model}: ${percent(status.done)}`);
      case "measuring":
        return this.say(`measuring how fast ${status.model} is here (half a minute, at the first start only)`);
      case "connecting":
        return; // Either outcome is said; dialling itself takes a moment.
      case "connected":
        return this.say(`joined the pool at ${status.poolUrl}; answers are computed here as they come`);
      case "waiting":
        return this.say(waitingWords(status));
      default:
        status satisfies never;
    }
  }

  #progress(text: string): void {
    this.#said = "";
    this.#out.write(`\r\x1b[K· ${text}`);
    this.#open = true;
  }
}

function waitingWords({ poolUrl, reason, wasJoined, againInMs }: Extract<WorkerStatus, { state: "waiting" }>): string {
  const again = againInMs < 1_000 ? "trying again" : `trying again in ${Math.round(againInMs / 1_000)} s`;
  const what = wasJoined ? `the connection to ${poolUrl} ended` : `I cannot reach ${poolUrl}`;
  return `${what}${reason ? ` (${reason})` : ""}, ${again}`;
}

const percent = (share: number) => `${Math.floor((Number.isFinite(share) ? share : 0) * 100)} %`;
