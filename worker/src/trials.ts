/**
 * What was seen of an engine with a model on this machine, stored beside the measured speeds: how much it writes for one,
 * two, four and eight people at once, and with which caches it died. From that follow its slots, and which engine serves.
 */
import { join } from "node:path";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { serviceLevel } from "@starai/protocol/service-level";
import { z } from "zod";
import { KeptRecords } from "./kept-records.ts";
import { keyText } from "./measures.ts";
import type { MeasureKey } from "./measures.ts";

const Rate = z.object({
  /** Answers written at once. */
  streams: z.int().positive(),
  /** Of all of them together, round by round. */
  tokensPerS: z.array(z.number().positive()).min(1),
});
export type Rate = z.infer<typeof Rate>;

const Trial = z.object({
  /** Caches with which it ended at once: this processor may lack an instruction of its code. */
  died: z.array(z.enum(["f16", "q8_0"])).default([]),
  /** From one stream on, doubling, as far as it was worth it; null where it was not measured. */
  rates: z.array(Rate).min(1).nullable(),
  /** Other programs used the machine meanwhile: not final. */
  busy: z.boolean(),
  triedAt: z.iso.datetime(),
});
export type Trial = Omit<z.infer<typeof Trial>, "triedAt">;

/** Doubling, as `fit` halves. More than eight at once are slow for each of them on a processor. */
export const STREAMS = [1, 2, 4, 8] as const;
/** More slots must bring this much more in all. */
const WORTH = 1.05;
/** With a second one a short question need not wait for the end of a long answer, even where both share the speed of one. */
export const SLOTS_MIN = 2;
/**
 * Each of several answers keeps this many times the pace below which its pay is withheld: prompts that are read beside it,
 * a longer context and a warm processor slow it down, and a trial has none of these.
 */
const EACH_MARGIN = 1.5;
/** An engine that writes more in all must not be slower than this, of the other's speed, for somebody alone. */
const ALONE_MIN = 0.97;
/** After this an engine that died is tried again: it may have been something else. */
const DIED_BELIEVED_MS = 7 * 24 * 3_600_000;
/** Some models with each engine. */
const KEPT_MAX = 64;

/** Tokens a second that each of several answers of the model must have. */
export function leastEachOf(model: Pick<CatalogueModel, "parameters">): number {
  return (EACH_MARGIN * 1_000) / serviceLevel(model).writtenToken;
}

/** Streams that still raise what is written in all, while each is as fast as it must be. Pure. */
export function slotsOf(rates: readonly Rate[], leastEach: number): number {
  const best = worthwhile(quickEnough(rates, leastEach));
  return Math.max(SLOTS_MIN, best.streams);
}

/** Whether the last of the rates is worth its streams. Pure. */
export function isWorth(rates: readonly Rate[]): boolean {
  return worthwhile(rates) === rates.at(-1);
}

/**
 * Whether the second engine serves better: it writes more in all with the slots it would have, and is not surely slower
 * for somebody alone, which it is when even its best round is below the bound. Pure.
 */
export function isSecondBetter(first: readonly Rate[], second: readonly Rate[], leastEach: number): boolean {
  const [one, other] = [worthwhile(quickEnough(first, leastEach)), worthwhile(quickEnough(second, leastEach))];
  if (middle(other) <= middle(one)) return false;
  const [alone, otherAlone] = [first[0], second[0]];
  return !alone || !otherAlone || Math.max(...otherAlone.tokensPerS) >= ALONE_MIN * middle(alone);
}

export async function readTrial(home: string, key: MeasureKey): Promise<Trial | null> {
  const found = await trialsIn(home).read(keyText(key));
  if (!found) return null;
  const { triedAt, ...trial } = found;
  return trial.died.length > 0 && Date.now() - Date.parse(triedAt) > DIED_BELIEVED_MS ? null : trial;
}

export async function writeTrial(home: string, key: MeasureKey, trial: Trial): Promise<void> {
  await trialsIn(home).write(keyText(key), { ...trial, triedAt: new Date().toISOString() });
}

/** At least one alone, however slow it is. */
function quickEnough(rates: readonly Rate[], leastEach: number): Rate[] {
  return rates.filter((rate, at) => at === 0 || middle(rate) >= leastEach * rate.streams);
}

function worthwhile(rates: readonly Rate[]): Rate {
  let [best] = rates;
  if (!best) throw new Error("a trial needs at least one rate");
  for (const rate of rates.slice(1)) {
    if (middle(rate) < WORTH * middle(best)) break;
    best = rate;
  }
  return best;
}

function middle({ tokensPerS }: Rate): number {
  return tokensPerS.toSorted((a, b) => a - b)[Math.floor(tokensPerS.length / 2)] ?? 0;
}

const trialsIn = (home: string) => new KeptRecords(join(home, "trials.json"), Trial, KEPT_MAX);
