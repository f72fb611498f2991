/**
 * What a machine would earn in an hour with a model, after electricity: its measured speed, the pool's prices and the pool's load
 * of the last day. A guess, made of what is said beside it. Pure; in dollars, as numbers, because nothing is paid by it.
 */

/** A job as most are: a conversation with its instructions, and an answer of a few sentences. */
export const USUAL_JOB = { promptTokens: 1_200, answerTokens: 250 } as const;
export const KWH_PRICE_ASSUMED = 0.15;
/** Watts that a machine takes more while it computes, by what computes. */
export const WATTS_ASSUMED = { cpu: 45, cuda: 220, metal: 30, remote: 300 } as const;
export type PowerKind = keyof typeof WATTS_ASSUMED;

export interface Speeds {
  prefillTokensPerS: number;
  decodeTokensPerS: number;
}

export interface HourFacts {
  speeds: Speeds;
  /** Millionths of a dollar for a million tokens. */
  price: { prompt: number; answer: number };
  askPercent: number;
  feeBasisPoints: number;
  watts: number;
  /** Dollars. */
  kwhPrice: number;
  /** Share of the hour that it would work, 0 to 1. */
  share: number;
}

/** Dollars for an hour. */
export interface Hour {
  earned: number;
  electricity: number;
  left: number;
}

export function predictHour({ speeds, price, askPercent, feeBasisPoints, watts, kwhPrice, share }: HourFacts): Hour {
  const { promptTokens, answerTokens } = USUAL_JOB;
  const jobS = promptTokens / speeds.prefillTokensPerS + answerTokens / speeds.decodeTokensPerS;
  const jobPrice = (promptTokens * price.prompt + answerTokens * price.answer) / 1e12;
  const own = (askPercent / 100) * (1 - feeBasisPoints / 10_000);
  const earned = (3_600 / jobS) * jobPrice * own * share;
  const electricity = (watts / 1_000) * kwhPrice * share;
  return { earned, electricity, left: earned - electricity };
}

/**
 * The share of an hour that a machine more would work: what is asked of the model's machines now, divided among all of them
 * and this one. Null where no machine has the model, so that nobody knows what would be asked of it.
 */
export function shareOf({ load, slots, ownSlots }: { load: number; slots: number; ownSlots: number }): number | null {
  return slots === 0 ? null : Math.min(1, (load * slots) / (slots + ownSlots));
}

/** Speeds of a model by those that were measured of another: writing goes with the file's size, reading with the parameters. */
export function scaledSpeeds(measured: Speeds, of: ModelSize, to: ModelSize): Speeds {
  return {
    prefillTokensPerS: (measured.prefillTokensPerS * of.parameters) / to.parameters,
    decodeTokensPerS: (measured.decodeTokensPerS * of.bytes) / to.bytes,
  };
}

interface ModelSize {
  readonly bytes: number;
  readonly parameters: number;
}
