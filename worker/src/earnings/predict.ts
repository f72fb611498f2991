/**
 * What a machine would earn in an hour with a model, after electricity: its measured speed with the slots it serves, the
 * model's price, and how busy the pool's machines were with that model. A guess, made of what is said beside it. Pure; in
 * dollars, as numbers, because nothing is paid by it.
 */
import type { ModelLoad } from "@starai/protocol/pool-prices";

/** A job as most are: a conversation with its instructions, and an answer of a few sentences. */
export const USUAL_JOB = { promptTokens: 1_200, answerTokens: 250 } as const;
export const KWH_PRICE_ASSUMED = 0.15;
/** Watts that a machine takes more while it computes, by what computes. */
export const WATTS_ASSUMED = { cpu: 45, cuda: 220, metal: 30, remote: 300 } as const;
export type PowerKind = keyof typeof WATTS_ASSUMED;
/** What a further stream adds to the time of one where nobody measured it; the pool's scheduler assumes the same. */
export const SHARING_ASSUMED = 0.35;

/** Of one stream that has the machine for itself. */
export interface Speeds {
  prefillTokensPerS: number;
  decodeTokensPerS: number;
}

/** How many streams a machine serves at once, and what each further one adds to the time of a stream. */
export interface Sharing {
  slots: number;
  /** 0: nothing; 1: they take turns. */
  perStream: number;
}

export interface HourFacts {
  speeds: Speeds;
  sharing: Sharing;
  /** Millionths of a dollar for a million tokens. */
  price: { prompt: number; answer: number };
  askPercent: number;
  feeBasisPoints: number;
  watts: number;
  /** Dollars. */
  kwhPrice: number;
  /** Share of its slots that would be at work, 0 to 1. */
  busy: number;
}

/** Dollars for an hour. */
export interface Hour {
  earned: number;
  electricity: number;
  left: number;
}

/**
 * Streams at work are busy × slots; each takes the time of a job alone × (1 + perStream × those beside it), which are
 * busy × (slots − 1) of the others. Electricity counts while one at least works: never more than the streams at work.
 */
export function predictHour(facts: HourFacts): Hour {
  const { speeds, sharing, price, askPercent, feeBasisPoints, watts, kwhPrice, busy } = facts;
  const { promptTokens, answerTokens } = USUAL_JOB;
  const aloneS = promptTokens / speeds.prefillTokensPerS + answerTokens / speeds.decodeTokensPerS;
  const jobS = aloneS * (1 + sharing.perStream * busy * (sharing.slots - 1));
  const jobPrice = (promptTokens * price.prompt + answerTokens * price.answer) / 1e12;
  const own = (askPercent / 100) * (1 - feeBasisPoints / 10_000);
  const earned = ((3_600 * busy * sharing.slots) / jobS) * jobPrice * own;
  const electricity = (watts / 1_000) * kwhPrice * Math.min(1, busy * sharing.slots);
  return { earned, electricity, left: earned - electricity };
}

/**
 * The share of its slots that a machine more would have at work: the model's jobs, at work and waiting, divided among the
 * slots of all its machines and this one. Null where the model has neither machines nor jobs, so that nobody knows.
 */
export function busyWith(load: ModelLoad | null, ownSlots: number): number | null {
  if (load === null) return null;
  const jobs = load.busy * load.slots + load.waiting;
  return load.slots + load.waiting === 0 ? null : Math.min(1, jobs / (load.slots + ownSlots));
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
