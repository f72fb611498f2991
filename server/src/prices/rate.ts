/**
 * The coin's rate in dollars: which readings make one, and whether paid answers may use it.
 *
 * A rate is the median of what its sources said, where at least two of them agree, and is stored with an id, because
 * holds and receipts name it.
 * One that moved too far too fast, or came after a long silence, is stopped: it and every later one makes no new paid
 * answer until an operator has confirmed it. Answers that were quoted before keep their locked price.
 * Times are milliseconds since the epoch.
 */

/** What one source said. */
export interface RateReading {
  /** The source's own id; two readings of one source are not two opinions. */
  readonly source: string;
  readonly microUsdPerCoin: bigint;
  /** When the source itself last saw this price. */
  readonly at: number;
}

/** Why an operator has to look: it moved too far within minutes, or nothing was known for hours before it. */
export type RateStop = "jump" | "gap";

export interface NewRate {
  readonly microUsdPerCoin: bigint;
  readonly at: number;
  readonly sources: readonly string[];
  readonly stopped: RateStop | null;
  /** When an operator confirmed it; rates before a confirmed one are not compared with later ones. */
  readonly confirmedAt: number | null;
}

export interface Rate extends NewRate {
  readonly id: string;
}

export interface CurrentRate {
  readonly rate: Rate | null;
  readonly ageMs: number;
  /** Whether people must be told what time the rate is of. */
  readonly isStale: boolean;
  /** Whether new paid answers may be quoted with it. */
  readonly usable: boolean;
  /** Why not; null when it is usable. */
  readonly why: RateStop | "missing" | "too_old" | null;
}

const MINUTE_MS = 60_000;
/** Older readings make no rate, and an older rate is shown with its time: sources refresh every one to ten minutes. */
const STALE_MS = 15 * MINUTE_MS;
/** An older rate makes no new paid answer: the coin moves by several percent in such a time. */
const TOO_OLD_MS = 360 * MINUTE_MS;
/** A larger change within this time is a fault of the sources more often than of the market. */
const JUMP_PERCENT = 20n;
const JUMP_WITHIN_MS = 10 * MINUTE_MS;
const SOURCES_MIN = 2;
/** Sources that are farther apart look at two coins of one name, or one of them stands still: markets differ by 1 %. */
const AGREE_PERCENT = 5n;

/** Rates that `nextRate` and `currentRate` need to see before now: everything a jump is looked for in. */
export const RATES_KEPT_MS = JUMP_WITHIN_MS;

/**
 * The rate to store, or null when no two sources agree about it. Agreement is asked of what makes the median: the two
 * readings in the middle of each other, or the one in the middle and a neighbour.
 * @param before  earlier rates, oldest first: those of the last `RATES_KEPT_MS`, and the latest one however old it is
 */
export function nextRate(readings: readonly RateReading[], before: readonly Rate[], now: number): NewRate | null {
  const fresh = latestOfEach(readings.filter(({ at }) => distance(at, now) <= STALE_MS));
  const prices = fresh.map(({ microUsdPerCoin }) => microUsdPerCoin);
  const [below, above] = middleOf(prices);
  if (below === undefined || above === undefined) return null;
  const agreeing = prices.filter((price) => agree(price, below) && agree(price, above));
  if (agreeing.length < SOURCES_MIN) return null;
  const sources = fresh.map(({ source }) => source).sort();
  // Of two in the middle the mean, rounded down.
  const next = { microUsdPerCoin: (below + above) / 2n, at: now, sources, confirmedAt: null };
  return { ...next, stopped: stopOf(next, before) };
}

function stopOf(next: Omit<NewRate, "stopped">, before: readonly Rate[]): RateStop | null {
  const last = before.at(-1);
  if (last === undefined) return null;
  if (last.stopped !== null) return last.stopped;
  if (distance(lookedAt(last), next.at) > TOO_OLD_MS) return "gap";
  const sinceConfirmed = before.slice(
    Math.max(
      0,
      before.findLastIndex(({ confirmedAt }) => confirmedAt !== null),
    ),
  );
  const jumped = sinceConfirmed.some(
    ({ at, microUsdPerCoin }) =>
      distance(at, next.at) <= JUMP_WITHIN_MS && jumps(microUsdPerCoin, next.microUsdPerCoin),
  );
  return jumped ? "jump" : null;
}

/** The latest of these rates, and whether paid answers may use it now. @param rates  oldest first */
export function currentRate(rates: readonly Rate[], now: number): CurrentRate {
  const rate = rates.at(-1);
  if (rate === undefined) return { rate: null, ageMs: 0, isStale: true, usable: false, why: "missing" };
  const ageMs = distance(rate.at, now);
  const why = rate.stopped ?? (distance(lookedAt(rate), now) > TOO_OLD_MS ? "too_old" : null);
  return { rate, ageMs, isStale: ageMs > STALE_MS, usable: why === null, why };
}

/** The rate after an operator looked at it and let it pass, for as long as a rate lasts. @param rate  the latest one */
export function confirmed(rate: Rate, now: number): Rate {
  return { ...rate, stopped: null, confirmedAt: now };
}

function lookedAt({ at, confirmedAt }: Pick<Rate, "at" | "confirmedAt">): number {
  return Math.max(at, confirmedAt ?? at);
}

function latestOfEach(readings: readonly RateReading[]): RateReading[] {
  const latest = new Map<string, RateReading>();
  for (const reading of readings)
    if (reading.at >= (latest.get(reading.source)?.at ?? -Infinity)) latest.set(reading.source, reading);
  return [...latest.values()];
}

/** The two values in the middle, or twice the one. */
function middleOf(values: readonly bigint[]): [bigint | undefined, bigint | undefined] {
  const sorted = values.toSorted((one, other) => (one < other ? -1 : one > other ? 1 : 0));
  return [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
}

function agree(one: bigint, other: bigint): boolean {
  return one < other ? !isFarther(one, other, AGREE_PERCENT) : !isFarther(other, one, AGREE_PERCENT);
}

/** Whether a rate moved so far from the first to the second value that somebody should look, were it within minutes. */
export function jumps(from: bigint, to: bigint): boolean {
  return isFarther(from, to, JUMP_PERCENT);
}

/** Whether the second value is more than that part of the first away from it. */
function isFarther(from: bigint, to: bigint, percent: bigint): boolean {
  const change = to > from ? to - from : from - to;
  return change * 100n > from * percent;
}

/** Time between two moments. A moment ahead of the clock, which was set back then, is as suspicious as an old one. */
function distance(one: number, other: number): number {
  return Math.abs(one - other);
}
