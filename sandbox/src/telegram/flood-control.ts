/** Telegram's one published hard limit on sending: 20 messages (and edits) a minute into one group. */
import { TelegramError } from "./telegram-error.ts";

const PER_GROUP_MAX = 20;
const WINDOW_MS = 60_000;

export class FloodControl {
  readonly #sends = new Map<number, number[]>();
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Counts a send to a group. @throws 429 with the seconds until the next send is allowed */
  count(chat: number): void {
    if (chat > 0) return;
    const now = this.#clock();
    const recent = (this.#sends.get(chat) ?? []).filter((at) => now - at < WINDOW_MS);
    this.#sends.set(chat, recent);
    const [oldest] = recent;
    if (recent.length >= PER_GROUP_MAX && oldest !== undefined)
      throw TelegramError.tooManyRequests(Math.max(1, Math.ceil((oldest + WINDOW_MS - now) / 1_000)));
    recent.push(now);
  }
}
