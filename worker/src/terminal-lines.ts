/** Prints the worker's status on a terminal: one line per event, and one line that is rewritten during a download. */
import type { Output } from "./commands/pull.ts";
import { newOwnerWords, pairingWords, standingWords } from "./earnings/words.ts";
import type { EarningEvent } from "./earnings/earnings.ts";
import { megabytes } from "./models/store-errors.ts";
import type { WorkerStatus } from "./open-engines.ts";
import { groupEventWords, groupWords } from "./split/group-words.ts";

export class TerminalLines {
  readonly #out: Output;
  #said = "";
  /** Whether the last line is a progress line, to be overwritten. */
  #open = false;

  constructor(out: Output) {
    this.#out = out;
  }

  /** Prints a line; the same one twice in a row is printed once. */
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
        return; // The outcome is printed; dialling itself takes only a moment.
      case "connected":
        return this.say(`joined the pool at ${status.poolUrl}; answers are computed here as they come`);
      case "lending":
        return this.say(lendingWords(status));
      case "group":
        return status.stage.kind === "preparing"
          ? this.#progress(groupWords(status))
          : this.say(groupEventWords(status));
      case "waiting":
        return this.say(waitingWords(status));
      case "resting":
        return this.say(restingWords(status));
      default:
        status satisfies never;
    }
  }

  /** What concerns its owner's pay; credit notes come too often for lines. */
  hear(event: EarningEvent): void {
    for (const line of earningLines(event)) this.say(line);
  }

  #progress(text: string): void {
    this.#said = "";
    this.#out.write(`\r\x1b[K· ${text}`);
    this.#open = true;
  }
}

/** In sentences; none for a credit note. */
export function earningLines(event: EarningEvent): string[] {
  switch (event.kind) {
    case "standing": {
      const changed = newOwnerWords(event.before, event.standing);
      return changed === null ? standingWords(event.standing) : [changed, ...standingWords(event.standing)];
    }
    case "pairing":
      return pairingWords(event.pairing);
    case "words":
    case "refused":
      return [event.text];
    case "credited":
      return [];
    default:
      return event satisfies never;
  }
}

export function restingWords({ why, until }: Extract<WorkerStatus, { state: "resting" }>): string {
  return `resting until ${until}: ${why}. Running answers went to other machines, and this one comes back by itself`;
}

export function lendingWords({ poolUrl, model }: Extract<WorkerStatus, { state: "lending" }>): string {
  return `joined the pool at ${poolUrl}; ${model} does not fit here alone: it is served together with other machines as soon as there are enough`;
}

export function waitingWords({
  poolUrl,
  reason,
  wasJoined,
  againInMs,
}: Extract<WorkerStatus, { state: "waiting" }>): string {
  const again = againInMs < 1_000 ? "trying again" : `trying again in ${Math.round(againInMs / 1_000)} s`;
  const what = wasJoined ? `the connection to ${poolUrl} ended` : `I cannot reach ${poolUrl}`;
  return `${what}${reason ? ` (${reason})` : ""}, ${again}`;
}

const percent = (share: number) => `${Math.floor((Number.isFinite(share) ? share : 0) * 100)} %`;
