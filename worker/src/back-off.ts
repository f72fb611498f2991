/** When to dial the pool again: with jitter, so that ten thousand workers do not return in the same moment. */
import { GrowingPause } from "@starai/protocol/retry";
import { CLOSE } from "@starai/protocol/worker-frames";

const PACE = { firstMs: 250, maxMs: 30_000 };
/** Longest wait after a refusal that only a person can lift; jitter halves it at most. */
const REFUSED_MS = 60_000;
const UPGRADE_MS = 10 * 60_000;
/** A connection that lasted this long was healthy: the back-off restarts from its first wait. */
const HEALTHY_CONNECTION_MS = 5_000;

export class BackOff {
  readonly #random: () => number;
  readonly #growing: GrowingPause;

  constructor(random: () => number = Math.random) {
    this.#random = random;
    this.#growing = new GrowingPause(PACE, random);
  }

  /** Milliseconds to wait after a connection that was welcomed for `welcomedMs` and closed with `code`. */
  next({ code, welcomedMs }: { code: number; welcomedMs: number }): number {
    if (code === CLOSE.upgradeNeeded) return UPGRADE_MS;
    if (code === CLOSE.unauthorised || code === CLOSE.banned || code === CLOSE.replaced) {
      return REFUSED_MS * (0.5 + this.#random() / 2);
    }
    if (welcomedMs >= HEALTHY_CONNECTION_MS) this.#growing.reset();
    return this.#growing.nextMs();
  }
}

/** Advice about a close code for the person who runs this worker; `null` for ordinary closes. */
export function refusalAdvice(code: number): string | null {
  switch (code) {
    case CLOSE.unauthorised:
      return "the pool refused this worker's signature: check the clock and STARAI_POOL_URL";
    case CLOSE.banned:
      return "the pool has banned this worker's key: ask its operator why";
    case CLOSE.replaced:
      return "another process joined with this worker's key: run one worker per STARAI_WORKER_HOME";
    case CLOSE.upgradeNeeded:
      return "this worker is too old for the pool: update the repository and start it again";
    case CLOSE.badFrame:
      return "the pool did not understand a frame of this worker: update both to the same version";
    default:
      return null;
  }
}
