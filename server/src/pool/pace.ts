/**
 * How fast a worker runs one model: as measured here, and until then as it claims, kept within a band around the speed
 * usual for such a file.
 */
import type { CatalogueModel } from "@starai/protocol/catalogue";

export interface Speeds {
  readonly prefillTokensPerS: number;
  readonly decodeTokensPerS: number;
}

/** A usual home machine reads its weights at this rate, once a token written (DDR4, two channels). */
const USUAL_BYTES_PER_S = 20e9;
/** A usual CPU reads a prompt about this much faster than it writes. */
const USUAL_PREFILL_FACTOR = 5;
/** Factor by which a claim may change the expectation, up or down; measurements are not bounded by it. */
const CLAIM_FACTOR = 8;
/** Weight of the newest lease: after five, what was before them is a third. */
const NEWEST = 0.2;
/** The shortest stretch that is measured: a shorter one shows the framing, not the speed. */
const TOKENS_MIN = 8;
const STRETCH_MIN_MS = 20;
/** No machine is faster; keeps a trickster's instant answer from being worth more than the fastest card there is. */
const TOKENS_PER_S_MAX = 20_000;

export class Pace {
  #prefill: number | null = null;
  #decode: number | null = null;

  /** Null until enough was seen of both. */
  get measured(): Speeds | null {
    if (this.#decode === null) return null;
    return { prefillTokensPerS: this.#prefill ?? this.#decode, decodeTokensPerS: this.#decode };
  }

  /**
   * Learns from a lease.
   * @param prefill  prompt tokens that had to be read, and ms from the lease to the first token
   * @param decode  tokens after the first frame, and ms from that to the last
   * @param slowdown  by how much its neighbours on the machine slowed it, 1 or more
   */
  learn(prefill: Stretch, decode: Stretch, slowdown: number): void {
    this.#prefill = newer(this.#prefill, prefill, slowdown);
    this.#decode = newer(this.#decode, decode, slowdown);
  }

  /** What to expect: measured where it was, else the claim within its band. */
  expected(claim: Speeds, model: CatalogueModel | undefined): Speeds {
    const usual = usualSpeeds(model);
    return {
      prefillTokensPerS: this.#prefill ?? within(claim.prefillTokensPerS, usual.prefillTokensPerS),
      decodeTokensPerS: this.#decode ?? within(claim.decodeTokensPerS, usual.decodeTokensPerS),
    };
  }
}

interface Stretch {
  readonly tokens: number;
  readonly ms: number;
}

function newer(known: number | null, { tokens, ms }: Stretch, slowdown: number): number | null {
  if (tokens < TOKENS_MIN || ms < STRETCH_MIN_MS) return known;
  const seen = Math.min(TOKENS_PER_S_MAX, (tokens / ms) * 1_000 * slowdown);
  return known === null ? seen : known + NEWEST * (seen - known);
}

function usualSpeeds(model: CatalogueModel | undefined): Speeds {
  const decodeTokensPerS = USUAL_BYTES_PER_S / (model?.bytes ?? 1e9);
  return { decodeTokensPerS, prefillTokensPerS: decodeTokensPerS * USUAL_PREFILL_FACTOR };
}

function within(claim: number, usual: number): number {
  return Math.min(usual * CLAIM_FACTOR, Math.max(usual / CLAIM_FACTOR, claim));
}
