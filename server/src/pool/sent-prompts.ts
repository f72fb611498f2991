/**
 * What one connected worker's engine still holds of the prompts it was sent, by this server's own memory: never by the
 * worker's word, and nothing after it reconnects, restarts or loses a lease.
 *
 * An engine keeps one prompt for each of its slots, and a new one goes to the idle slot that shares most with it, else to
 * the one used longest ago. Prompts are compared by whole turns. What the server asks an engine to read while idle
 * (`warm`) does not count: nothing tells whether it did.
 */
import { createHash } from "node:crypto";
import type { Turn } from "@starai/protocol/template";
import { TURN_TOKENS } from "../vocabulary/estimate-tokens.ts";

export interface SentPrompt {
  readonly model: string;
  readonly turns: readonly Turn[];
  /** Of the whole prompt, as the server counted them. */
  readonly tokens: number;
}

/** A template's marks around a turn, in bytes of text with as many tokens. */
const MARK_BYTES = 4 * TURN_TOKENS;

interface Held {
  /** The lease's job while it uses the slot: no other prompt can share it meanwhile. */
  job: string | null;
  /** Whether the engine has answered to it, so that it must have read it. */
  isRead: boolean;
  readonly beginnings: readonly Beginning[];
  readonly tokens: number;
}

/** The first turns of a prompt, up to one of them. */
interface Beginning {
  readonly hash: string;
  readonly bytes: number;
}

export class SentPrompts {
  /** By model, the slot used longest ago first; at most as many as the model has slots. */
  readonly #held = new Map<string, Held[]>();

  /** Remembers the prompt of a lease, and returns how many of its tokens the engine holds: at most all of them. */
  send(job: string, { model, turns, tokens }: SentPrompt, slots: number): number {
    const held = this.#held.get(model) ?? [];
    this.#held.set(model, held);
    const sent: Held = { job, isRead: false, beginnings: beginningsOf(turns), tokens };
    const best = mostShared(held, sent);
    if (best) held.splice(held.indexOf(best.held), 1);
    else if (held.length >= slots)
      held.splice(
        Math.max(
          0,
          held.findIndex(({ job }) => job === null),
        ),
        1,
      );
    held.push(sent);
    return best ? sharedTokens(best, sent) : 0;
  }

  /** The engine has begun to answer, so it has read the prompt. */
  wasRead(job: string): void {
    for (const held of this.#all()) if (held.job === job) held.isRead = true;
  }

  /** The lease is over. A prompt that was not read to its end, or whose engine may have died, is forgotten. */
  release(job: string, isKept: boolean): void {
    for (const [model, all] of this.#held) {
      const kept = all.filter((held) => held.job !== job || (isKept && held.isRead));
      for (const held of kept) if (held.job === job) held.job = null;
      this.#held.set(model, kept);
    }
  }

  #all(): Held[] {
    return [...this.#held.values()].flat();
  }
}

function beginningsOf(turns: readonly Turn[]): Beginning[] {
  const hash = createHash("sha256");
  let bytes = 0;
  return turns.map(({ role, content }) => {
    const length = Buffer.byteLength(content);
    // With its length, so that no text can pass for the end of its turn and another one.
    hash.update(`${role} ${length}\n`).update(content);
    bytes += length + MARK_BYTES;
    return { hash: hash.copy().digest("base64"), bytes };
  });
}

interface Shared {
  readonly held: Held;
  readonly turns: number;
}

/** The idle slot that shares most turns, of equals the one used longest ago; null when none shares any. */
function mostShared(held: readonly Held[], sent: Held): Shared | null {
  let best: Shared | null = null;
  for (const one of held) {
    if (one.job !== null) continue;
    const turns = sharedTurns(one.beginnings, sent.beginnings);
    if (turns > (best?.turns ?? 0)) best = { held: one, turns };
  }
  return best;
}

function sharedTurns(one: readonly Beginning[], other: readonly Beginning[]): number {
  const differs = one.findIndex(({ hash }, at) => hash !== other[at]?.hash);
  return differs === -1 ? one.length : differs;
}

/**
 * When the new prompt goes on where the old one ended, as an agent's steps do, the old one's count is exact. Else both
 * counts are divided by bytes, and the smaller part counts, rounded down.
 */
function sharedTokens({ held, turns }: Shared, sent: Held): number {
  if (turns === held.beginnings.length) return Math.min(held.tokens, sent.tokens);
  const bytes = sent.beginnings[turns - 1]!.bytes;
  const partOf = ({ tokens, beginnings }: Held) => Math.floor((tokens * bytes) / beginnings.at(-1)!.bytes);
  return Math.min(partOf(held), partOf(sent));
}
