/**
 * The screen of `worker start` on a terminal: one picture that is redrawn in place, at most twice a second. Each line is
 * written over the old one and only then cleared to its end, so that nothing flickers; the terminal's own screen comes back at
 * the end.
 */
import type { Output } from "../commands/pull.ts";
import type { Pulse } from "../daemon.ts";
import type { EarningEvent } from "../earnings/earnings.ts";
import { newOwnerWords, pairingWords, plain, standingWords } from "../earnings/words.ts";
import type { Pairing } from "../earnings/words.ts";
import { megabytes } from "../models/store-errors.ts";
import type { WorkerStatus } from "../open-engines.ts";
import { groupEventWords, groupWords } from "../split/group-words.ts";
import type { GroupNews } from "../split/group-words.ts";
import { restingWords, waitingWords } from "../terminal-lines.ts";
import { drawFrame } from "./frame.ts";
import type { ViewState } from "./frame.ts";

const REDRAW_MS = 500;
const EVENTS_MAX = 50;
const EVENT_CHARS_MAX = 400;
/** The speed is that of the last seconds. */
const SPEED_OVER_MS = 5_000;

/** Its own screen, without a cursor and without wrapping: signs that are two cells wide must not move the lines below. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";

export interface TerminalOutput extends Output {
  columns?: number;
  rows?: number;
}

export class LiveView {
  readonly #out: TerminalOutput;
  readonly #colour: boolean;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #state: Omit<ViewState, "forMs" | "pairing">;
  #pairing: Pairing | null = null;
  #pulses: { at: number; tokens: number }[] = [];
  #timer: NodeJS.Timeout | null = null;
  #drawnAt = -Infinity;
  #last = "";
  #isAway = false;

  constructor(out: TerminalOutput, { colour, now = () => performance.now() }: { colour: boolean; now?: () => number }) {
    this.#out = out;
    this.#colour = colour;
    this.#now = now;
    this.#startedAt = now();
    this.#state = {
      doing: "starting",
      tokensPerS: 0,
      running: 0,
      jobs: 0,
      temperatureC: null,
      earned: { coin: 0n, stars: 0n, notes: 0 },
      group: null,
      standing: [],
      events: [],
    };
    out.write(ENTER);
  }

  /** Adds to what happened. */
  say(text: string): void {
    const shown = plain(text, EVENT_CHARS_MAX);
    if (this.#state.events.at(-1)?.endsWith(shown)) return;
    const at = new Date().toTimeString().slice(0, 5);
    this.#state.events = [...this.#state.events, `${at} ${shown}`].slice(-EVENTS_MAX);
    this.#redraw();
  }

  tell(status: WorkerStatus): void {
    if (status.state !== "group") this.#state.doing = doingWords(status);
    // Each further try is seen above; what happened is that the pool went away.
    if (status.state === "waiting" && !this.#isAway) this.say(waitingWords(status));
    if (["waiting", "connected", "lending"].includes(status.state)) this.#isAway = status.state === "waiting";
    if (status.state === "resting") this.say(restingWords(status));
    if (status.state === "connected" || status.state === "lending") this.say(`joined the pool at ${status.poolUrl}`);
    if (status.state === "group") this.#group(status);
    this.#redraw();
  }

  /** Its part has a line of its own while it has one; how it begins and ends is among what happened. */
  #group(news: GroupNews): void {
    const before = this.#state.group;
    this.#state.group = news.stage.kind === "ended" ? null : groupWords(news);
    if (news.stage.kind !== "preparing" || before === null) this.say(groupEventWords(news));
  }

  hear(event: EarningEvent): void {
    switch (event.kind) {
      case "credited": {
        const { asset, amount } = event.note;
        const { earned } = this.#state;
        this.#state.earned = { ...earned, [asset]: earned[asset] + BigInt(amount), notes: earned.notes + 1 };
        break;
      }
      case "standing": {
        this.#state.standing = standingWords(event.standing);
        if (event.standing.owner) this.#pairing = null;
        const changed = newOwnerWords(event.before, event.standing);
        if (changed !== null) this.say(changed);
        break;
      }
      case "pairing":
        this.#pairing = event.pairing;
        break;
      case "words":
      case "refused":
        this.say(event.text);
        break;
      default:
        event satisfies never;
    }
    this.#redraw();
  }

  pulse({ running, begun, tokens, temperatureC }: Pulse): void {
    const at = this.#now();
    this.#pulses = [...this.#pulses.filter((pulse) => at - pulse.at <= SPEED_OVER_MS), { at, tokens }];
    const first = this.#pulses[0] ?? { at, tokens };
    const seconds = (at - first.at) / 1_000;
    Object.assign(this.#state, {
      running,
      jobs: begun,
      temperatureC,
      tokensPerS: seconds > 0 ? (tokens - first.tokens) / seconds : 0,
    });
    this.#redraw();
  }

  /** Gives the terminal its own screen back, with what happened last on it. Again it does nothing. */
  close(): void {
    if (this.#drawnAt === Infinity) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#drawnAt = Infinity;
    this.#out.write(LEAVE);
    for (const event of this.#state.events.slice(-3)) this.#out.write(`${event}\n`);
  }

  /** Now, or when half a second has passed since the last time. */
  #redraw(): void {
    if (this.#timer || this.#drawnAt === Infinity) return;
    const waitMs = this.#drawnAt + REDRAW_MS - this.#now();
    if (waitMs <= 0) return this.#draw();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#draw();
    }, waitMs);
    this.#timer.unref();
  }

  #draw(): void {
    this.#drawnAt = this.#now();
    const { columns = 80, rows = 24 } = this.#out;
    const screen = { columns, rows, colour: this.#colour };
    const forMs = this.#now() - this.#startedAt;
    const lines = drawFrame({ ...this.#state, pairing: pairingLines(this.#pairing), forMs }, screen);
    // Each line is cleared behind its text, and everything below the last one.
    const text = `\x1b[H${lines.map((line) => `${line}\x1b[K`).join("\r\n")}\x1b[J`;
    if (text === this.#last) return;
    this.#last = text;
    this.#out.write(text);
  }
}

function pairingLines(pairing: Pairing | null): string[] {
  if (pairing === null) return [];
  return Date.parse(pairing.expiresAt) > Date.now()
    ? pairingWords(pairing)
    : ["the code is no longer good: p shows a new one"];
}

function doingWords(status: Exclude<WorkerStatus, { state: "group" }>): string {
  switch (status.state) {
    case "downloading": {
      const share = status.totalBytes > 0 ? Math.floor((status.doneBytes / status.totalBytes) * 100) : 0;
      return `fetching ${status.model}, ${megabytes(status.totalBytes)}: ${share} %`;
    }
    case "loading":
      return `loading ${status.model}: ${Math.floor(status.done * 100)} %`;
    case "measuring":
      return `measuring how fast ${status.model} is here, at the first start only`;
    case "connecting":
      return `dialling ${status.poolUrl}`;
    case "connected":
      return "in the pool; answers are computed here as they come";
    case "lending":
      return `in the pool; ${status.model} does not fit here alone and is served together with other machines`;
    case "waiting":
      return waitingWords(status);
    case "resting":
      return restingWords(status);
    default:
      return status satisfies never;
  }
}
