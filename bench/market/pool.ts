/** The pool and the load of the market's simulation: all from one seed, the same for every rule. */
import { drawsFrom } from "../../server/src/scheduler/draws.ts";

export interface Machine {
  readonly id: string;
  /** Share of attempts it brings to their end. */
  readonly reliability: number;
  readonly decodeTokensPerS: number;
  readonly prefillTokensPerS: number;
  /** By how much it says that it is faster, or slower below 1. */
  readonly claimFactor: number;
  /** In percent of the list's price. */
  readonly ask: number;
  readonly weight: number;
}

export interface Request {
  readonly id: number;
  /** Ms. */
  readonly at: number;
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** One number a try, 0 to 1: what its machine's reliability is compared with, and where it breaks off. */
  readonly luck: readonly { readonly fails: number; readonly where: number }[];
}

/** A request on its way. */
export interface Waiting {
  readonly request: Request;
  /** Tokens written that the next try need not write again. */
  written: number;
  tries: number;
  readonly failedOn: Set<string>;
}

export interface Running {
  readonly waiting: Waiting;
  readonly endsAt: number;
}

const MACHINES = 60;
const REQUESTS = 20_000;
/** Arrivals a second: they keep a third to a half of the slots busy. */
const PER_S = 5;
/** Tries of one request, whoever repeats it; also the bound of the server. */
export const TRIES = 4;
export const SLOTS = 2;
/** A claim is at most so many times too high or too low. */
const CLAIM_OFF_MAX = 4;
const ASKS = [80, 100, 125] as const;

/**
 * Reliability from 72 to 99 %, speed from 10 to 60 tokens a second, asks of 80, 100 and 125, claims from a quarter to four
 * times the true speed: each independent of the others.
 */
export function machinesOf(seed: number): Machine[] {
  const draw = drawsFrom(seed);
  const spread = shuffled(MACHINES, draw);
  const speeds = shuffled(MACHINES, draw);
  const asks = shuffled(MACHINES, draw);
  const claims = shuffled(MACHINES, draw);
  return Array.from({ length: MACHINES }, (_, at) => {
    const decodeTokensPerS = 10 + (50 * speeds[at]!) / (MACHINES - 1);
    return {
      id: `m${at}`,
      reliability: 0.72 + (0.27 * spread[at]!) / (MACHINES - 1),
      decodeTokensPerS,
      prefillTokensPerS: 10 * decodeTokensPerS,
      claimFactor: CLAIM_OFF_MAX ** ((2 * claims[at]!) / (MACHINES - 1) - 1),
      ask: ASKS[asks[at]! % ASKS.length]!,
      weight: 1,
    };
  });
}

export function requestsOf(seed: number): Request[] {
  const draw = drawsFrom(seed + 1);
  let at = 0;
  return Array.from({ length: REQUESTS }, (_, id) => {
    at += (-Math.log(1 - draw()) / PER_S) * 1_000;
    return {
      id,
      at,
      promptTokens: 100 + Math.floor(900 * draw()),
      answerTokens: 50 + Math.floor(200 * draw()),
      luck: Array.from({ length: TRIES }, () => ({ fails: draw(), where: draw() })),
    };
  });
}

function shuffled(length: number, draw: () => number): number[] {
  const places = Array.from({ length }, (_, at) => at);
  for (let at = length - 1; at > 0; at--) {
    const other = Math.floor(draw() * (at + 1));
    [places[at], places[other]] = [places[other]!, places[at]!];
  }
  return places;
}
