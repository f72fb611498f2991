/**
 * Two accepted ends, joined: bytes both ways, as fast as the slower side reads, and no more of them in memory than what the two
 * sockets buffer. What travels is not looked at.
 */
import type { Duplex } from "node:stream";
import { TUNNEL_ALIVE_MS } from "@starai/protocol/tunnel";

/** Three times as long as the longest silence of a head that is there. */
const IDLE_MAX_MS = 3 * TUNNEL_ALIVE_MS;
/** After one end has closed, what is on its way to the other has this long. */
const HALF_OPEN_MAX_MS = 5_000;

export interface JoinedLimits {
  readonly idleMaxMs: number;
  readonly halfOpenMaxMs: number;
}

export const JOINED_LIMITS: JoinedLimits = { idleMaxMs: IDLE_MAX_MS, halfOpenMaxMs: HALF_OPEN_MAX_MS };

export class JoinedEnds {
  readonly #head: Duplex;
  readonly #node: Duplex;
  readonly #limits: JoinedLimits;
  readonly #idle: NodeJS.Timeout;
  #halfOpen: NodeJS.Timeout | undefined;
  /** The least time from a head's bytes to a node's, and back: nobody answers before they were asked. */
  readonly #leastMs = { head: Infinity, node: Infinity };
  #last: { side: "head" | "node"; at: number } | null = null;

  constructor({ head, node }: { head: Duplex; node: Duplex }, limits: JoinedLimits, onEnd: () => void) {
    this.#head = head;
    this.#node = node;
    this.#limits = limits;
    this.#idle = setTimeout(() => this.destroy(), limits.idleMaxMs);
    let open = 2;
    for (const [one, other] of [
      [head, node],
      [node, head],
    ] as const) {
      one.on("error", () => one.destroy());
      one.once("end", () => this.#ending());
      one.once("close", () => {
        this.#ending();
        other.end();
        open -= 1;
        if (open > 0) return;
        clearTimeout(this.#halfOpen);
        clearTimeout(this.#idle);
        onEnd();
      });
      one.pipe(other);
    }
    head.on("data", () => {
      this.#idle.refresh();
      this.#heard("head");
    });
    node.on("data", () => this.#heard("node"));
  }

  /** From the head to the node and back, as far as it can be told from without: the least that was seen. Null before. */
  get roundTripMs(): number | null {
    const sum = this.#leastMs.head + this.#leastMs.node;
    return Number.isFinite(sum) ? sum : null;
  }

  destroy(): void {
    this.#head.destroy();
    this.#node.destroy();
  }

  #ending(): void {
    this.#halfOpen ??= setTimeout(() => this.destroy(), this.#limits.halfOpenMaxMs);
  }

  #heard(side: "head" | "node"): void {
    const at = performance.now();
    if (this.#last !== null && this.#last.side !== side)
      this.#leastMs[side] = Math.min(this.#leastMs[side], at - this.#last.at);
    this.#last = { side, at };
  }
}
