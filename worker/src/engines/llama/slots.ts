/**
 * The slots of one context: each runs one job at a time and keeps what it last read, so that a prompt that begins
 * the same way is not read again.
 */
import type { LlamaContext, LlamaContextSequence, Token } from "node-llama-cpp";
import { EngineFailure } from "../engine.ts";
import { sharedLength, WORTH_TOKENS } from "./prefix-store.ts";

export interface Slot {
  readonly sequence: LlamaContextSequence;
  /** A `warming` can be pre-empted by a job; a `job` cannot. */
  use: "idle" | "warming" | "job";
  /** Use counter; the smallest value is the least recently used slot. */
  usedAt: number;
  /** Ends a warming that a job pre-empts. */
  stop: AbortController;
  /** Tokens a warming reads. */
  target: readonly Token[];
}

interface Waiting {
  tokens: readonly Token[];
  resolve: (slot: Slot) => void;
}

export class Slots {
  readonly all: readonly Slot[];
  readonly #waiting: Waiting[] = [];
  /** Most waiting jobs: one per slot, enough for a lease that arrives while a cancelled one is still ending. */
  readonly #waitingMax: number;
  #uses = 0;

  constructor(context: LlamaContext) {
    this.all = Array.from({ length: context.totalSequences }, () => ({
      sequence: context.getSequence(),
      use: "idle" as const,
      usedAt: 0,
      stop: new AbortController(),
      target: [],
    }));
    this.#waitingMax = context.totalSequences;
  }

  /**
   * Acquires a slot for `tokens`: the idle one that shares the longest prefix, else the next one released. A job whose
   * prefix is being warmed waits for that: two slots reading the same tokens need twice as long.
   * @throws EngineFailure `busy` when as many jobs wait as there are slots.
   */
  async take(tokens: readonly Token[], signal: AbortSignal): Promise<Slot> {
    const idle = this.#best(tokens, "idle");
    const worthWaiting = (idle ? sharedWith(idle, tokens) : 0) + WORTH_TOKENS;
    const warming = this.all.some((slot) => slot.use === "warming" && sharedLength(slot.target, tokens) > worthWaiting);
    if (idle && !warming) return this.#use(idle, "job");
    if (this.#waiting.length >= this.#waitingMax) throw new EngineFailure("busy", "every slot is taken");
    const slot = await new Promise<Slot>((resolve, reject) => {
      const waiting: Waiting = { tokens, resolve };
      this.#waiting.push(waiting);
      if (!warming) this.#best(tokens, "warming")?.stop.abort();
      signal.addEventListener("abort", () => {
        const at = this.#waiting.indexOf(waiting);
        if (at < 0) return;
        this.#waiting.splice(at, 1);
        reject(new EngineFailure("busy", "cancelled while waiting for a slot"));
      });
    });
    return slot;
  }

  /**
   * Acquires the longest-idle slot to warm it with `tokens`. `null` when a slot holds them already, or none is
   * idle: warming never waits and never delays a job.
   */
  takeForWarming(tokens: readonly Token[]): Slot | null {
    const warm = tokens.length > 0 && this.all.some((slot) => sharedWith(slot, tokens) === tokens.length);
    if (warm || this.#waiting.length > 0) return null;
    const [oldest] = this.all.filter((slot) => slot.use === "idle").toSorted((a, b) => a.usedAt - b.usedAt);
    if (!oldest) return null;
    oldest.target = tokens;
    return this.#use(oldest, "warming");
  }

  /** Share of `tokens` already read by the warming that their job waits for; 0 without one. */
  warmed(tokens: readonly Token[]): number {
    const shared = this.all.filter((slot) => slot.use === "warming").map((slot) => sharedWith(slot, tokens));
    return Math.max(0, ...shared) / tokens.length;
  }

  release(slot: Slot): void {
    slot.use = "idle";
    const next = this.#waiting.shift();
    if (!next) return;
    const best = this.#best(next.tokens, "idle") ?? slot;
    next.resolve(this.#use(best, "job"));
  }

  #use(slot: Slot, use: "warming" | "job"): Slot {
    slot.use = use;
    slot.usedAt = ++this.#uses;
    slot.stop = new AbortController();
    return slot;
  }

  #best(tokens: readonly Token[], use: Slot["use"]): Slot | null {
    let best: { slot: Slot; shared: number } | null = null;
    for (const slot of this.all) {
      if (slot.use !== use) continue;
      const shared = sharedWith(slot, tokens);
      if (!best || shared > best.shared || (shared === best.shared && slot.usedAt < best.slot.usedAt)) {
        best = { slot, shared };
      }
    }
    return best && best.slot;
  }
}

/** Length of the common prefix of the slot's state and `tokens`. */
function sharedWith(slot: Slot, tokens: readonly Token[]): number {
  return slot.sequence.compareContextTokens([...tokens]).firstDifferentIndex;
}
