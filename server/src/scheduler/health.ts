/**
 * Who is still there. A worker's machine and each of its streams are judged apart: a machine may send heartbeats
 * while its engine stands still, and one stream may stall beside a healthy one.
 */

/** A token gap is never judged sooner than this: engines pause for a garbage collection or a page fault. */
const STALL_FLOOR_MS = 3_000;
/** Twenty times the stream's own pace is beyond any variation seen. */
const STALL_GAPS = 20;
/** Before the first token: estimates of prefill are off by up to threefold on busy machines. */
const PREFILL_FACTOR = 3;
const PREFILL_SLACK_MS = 5_000;

export interface StreamView {
  readonly job: string;
  /** The last sign of progress: the lease, rising progress or tokens. */
  readonly lastSignAt: number;
  /** The middle of its gaps between frames; null before two frames came. */
  readonly medianGapMs: number | null;
  /** Whether any token came in this lease. */
  readonly started: boolean;
  readonly predictedPrefillMs: number;
}

/** Whether nothing was heard for so long that the connection must be dead, whatever TCP says. */
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
 * Silence this stream may keep. While a neighbour's prompt is being read on the same machine nobody there gets
 * tokens, so its prefill counts for all.
 */
export function silenceAllowedMs(stream: StreamView, neighbours: readonly StreamView[]): number {
  const own = stream.started ? Math.max(STALL_FLOOR_MS, STALL_GAPS * (stream.medianGapMs ?? 0)) : 0;
  const reading = [stream, ...neighbours].filter((one) => !one.started).map(prefillAllowedMs);
  return Math.max(own, ...reading);
}

function prefillAllowedMs(stream: StreamView): number {
  return PREFILL_FACTOR * stream.predictedPrefillMs + PREFILL_SLACK_MS;
}
