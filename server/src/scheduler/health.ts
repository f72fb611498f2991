/**
 * Detects lost workers and stalled streams. A machine and each of its streams are judged apart: a machine may send heartbeats
 * while its engine stands still, and one stream may stall beside a healthy one.
 *
 * A worker's claims and behaviour extend its allowed silence only up to a ceiling, so that it cannot set its own limit.
 * A stream that is never silent must still make progress, or it would hold its job until the deadline.
 */

/** A token gap is never judged sooner than this: engines pause for a garbage collection or a page fault. */
const STALL_FLOOR_MS = 3_000;
/** Multiple of the stream's own gap: twenty times is beyond any variation seen. */
const STALL_GAPS = 20;
/** Ceiling while a person watches: twenty gaps at two tokens a second, the slowest useful speed. */
const STALL_CEILING_MS = 10_000;
/** Before the first token: estimates of prefill are off by up to threefold on busy machines. */
const PREFILL_FACTOR = 3;
const PREFILL_SLACK_MS = 5_000;
/** Engines report progress after each batch; 512 tokens take about this long at 25 tokens a second. */
const PREFILL_SILENCE_MAX_MS = 20_000;

/** Limit on the predicted time that is granted while other jobs wait: a stranger's claim cannot extend it. */
const LATE_AFTER_MAX_MS = 5_000;
/** Time for a first frame to cross the network and the queues. */
const LATE_SLACK_MS = 1_000;

/** An engine that crashed is reloaded within this; also the longest silence while a prompt is read. */
const FLOOR_GRACE_MS = 20_000;
/** Tokens a second. Below the minimum a stream is too slow to follow; at the maximum, reading speed, it is never too slow. */
const DECODE_FLOOR = { least: 0.5, most: 4 };
/** A prompt of 2,000 tokens takes almost seven minutes at the least, and 100 s at the most. */
const PREFILL_FLOOR = { least: 5, most: 20 };
/** Between them, a tenth of the usual pace is too slow where others could do it: ten times the wait for one answer. */
const POOL_PACE_SHARE = 1 / 10;

export interface StreamView {
  readonly job: string;
  /** The last sign of progress: the lease, rising progress or tokens. */
  readonly lastSignAt: number;
  /** Median gap between its frames; null before the second frame. */
  readonly medianGapMs: number | null;
  /** Whether any token came in this lease. */
  readonly started: boolean;
  readonly predictedPrefillMs: number;
}

/** Progress of a lease. */
export interface WorkView {
  /** When the lease reached the worker. */
  readonly since: number;
  /** When its first tokens came; null while the prompt is being read. */
  readonly startedAt: number | null;
  /** Tokens of the prompt read, by its own progress. */
  readonly readTokens: number;
  /** Tokens of the answer committed in this lease. */
  readonly writtenTokens: number;
}

/** Pool-wide speed of a model as measured by the server; null until enough was measured. */
export interface PoolPace {
  readonly prefillTokensPerS: number | null;
  readonly decodeTokensPerS: number | null;
}

/** Whether the silence is so long that the connection must be dead, even if TCP still reports it open. */
export function isHalfOpen(input: {
  now: number;
  lastHeardAt: number;
  heartbeatMs: number;
  missedMax: number;
}): boolean {
  return input.now - input.lastHeardAt > input.heartbeatMs * input.missedMax;
}

/** Jobs of one worker whose stream has stalled. */
export function stalledStreams(now: number, streams: readonly StreamView[]): string[] {
  return streams.filter((stream) => now - stream.lastSignAt > silenceAllowedMs(stream, streams)).map(({ job }) => job);
}

/**
 * Allowed silence of this stream, ms. While another prompt is being read on the same machine no stream there gets
 * tokens, so that prefill counts for all.
 */
export function silenceAllowedMs(stream: StreamView, neighbours: readonly StreamView[]): number {
  const reading = [stream, ...neighbours].filter((one) => !one.started).map(prefillAllowedMs);
  return Math.max(stream.started ? gapAllowedMs(stream) : 0, ...reading);
}

/** Whether a stream without a token yet has been silent for longer than reading its prompt should take. */
export function isLate(now: number, stream: StreamView): boolean {
  const expectedMs = atMost(LATE_AFTER_MAX_MS, stream.predictedPrefillMs) + LATE_SLACK_MS;
  return !stream.started && now - stream.lastSignAt > expectedMs;
}

/**
 * Whether a lease makes progress too slowly, so that its job is better moved. The pool's pace counts only within bounds,
 * so that strangers who emit text very fast cannot make honest machines look slow.
 */
export function isBelowFloor(now: number, work: WorkView, pool: PoolPace): boolean {
  if (work.startedAt === null) {
    return isSlower(work.readTokens, now - work.since, floorOf(PREFILL_FLOOR, pool.prefillTokensPerS));
  }
  return isSlower(work.writtenTokens, now - work.startedAt, floorOf(DECODE_FLOOR, pool.decodeTokensPerS));
}

/** In tokens a second. */
function floorOf({ least, most }: { least: number; most: number }, poolTokensPerS: number | null): number {
  return Math.max(least, atMost(most, POOL_PACE_SHARE * (poolTokensPerS ?? 0)));
}

function isSlower(tokens: number, elapsedMs: number, floorTokensPerS: number): boolean {
  return elapsedMs > FLOOR_GRACE_MS && (tokens / elapsedMs) * 1_000 < floorTokensPerS;
}

function gapAllowedMs(stream: StreamView): number {
  return Math.max(STALL_FLOOR_MS, atMost(STALL_CEILING_MS, STALL_GAPS * (stream.medianGapMs ?? 0)));
}

function prefillAllowedMs(stream: StreamView): number {
  return atMost(PREFILL_SILENCE_MAX_MS, PREFILL_FACTOR * stream.predictedPrefillMs + PREFILL_SLACK_MS);
}

/** Returns the ceiling for NaN too. */
function atMost(ceiling: number, value: number): number {
  return value < ceiling ? value : ceiling;
}
