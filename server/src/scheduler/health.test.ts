import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isBelowFloor, isHalfOpen, isLate, silenceAllowedMs, stalledStreams } from "./health.ts";
import type { StreamView, WorkView } from "./health.ts";

function stream(over: Partial<StreamView> = {}): StreamView {
  return { job: "j", lastSignAt: 0, medianGapMs: 40, started: true, predictedPrefillMs: 1_000, ...over };
}

function work(over: Partial<WorkView> = {}): WorkView {
  return { since: 0, startedAt: null, readTokens: 0, writtenTokens: 0, ...over };
}

describe("a machine", () => {
  const beats = { heartbeatMs: 2_000, missedMax: 3 };

  test("is half-open once three heartbeats are missed, and not before", () => {
    expect(isHalfOpen({ now: 6_000, lastHeardAt: 0, ...beats })).toBe(false);
    expect(isHalfOpen({ now: 6_001, lastHeardAt: 0, ...beats })).toBe(true);
  });
});

describe("a stream", () => {
  test("may be silent for 3 s, and for 20 of its own gaps where those are long", () => {
    expect(stalledStreams(3_000, [stream()])).toEqual([]);
    expect(stalledStreams(3_001, [stream()])).toEqual(["j"]);
    expect(stalledStreams(9_000, [stream({ medianGapMs: 500 })])).toEqual([]);
    expect(stalledStreams(10_001, [stream({ medianGapMs: 500 })])).toEqual(["j"]);
  });

  test("may take three times the predicted prefill and 5 s before its first token", () => {
    expect(stalledStreams(8_000, [stream({ started: false })])).toEqual([]);
    expect(stalledStreams(8_001, [stream({ started: false })])).toEqual(["j"]);
  });

  test("is allowed no more than 10 s between tokens and 20 s before the first, whatever was claimed or seen", () => {
    const anyMs = fc.oneof(fc.nat(100_000), fc.constantFrom(Infinity, 1e308, NaN));
    fc.assert(
      fc.property(fc.option(anyMs), anyMs, fc.array(anyMs), (medianGapMs, predictedPrefillMs, reading) => {
        const neighbours = reading.map((ms) => stream({ started: false, predictedPrefillMs: ms }));
        expect(silenceAllowedMs(stream({ medianGapMs }), [])).toBeLessThanOrEqual(10_000);
        expect(silenceAllowedMs(stream({ medianGapMs }), neighbours)).toBeLessThanOrEqual(20_000);
        expect(silenceAllowedMs(stream({ started: false, predictedPrefillMs }), neighbours)).toBeLessThanOrEqual(
          20_000,
        );
      }),
    );
  });

  test("is not blamed for waiting while a neighbour's prompt is read", () => {
    const reading = stream({ job: "reading", started: false, predictedPrefillMs: 10_000 });
    expect(stalledStreams(20_000, [stream(), reading])).toEqual([]);
    expect(stalledStreams(20_000, [stream()])).toEqual(["j"]);
  });

  test("that stalls does not take a healthy neighbour with it", () => {
    expect(stalledStreams(5_000, [stream(), stream({ job: "well", lastSignAt: 4_900 })])).toEqual(["j"]);
  });

  test("is never allowed less than 3 s, whatever its pace", () => {
    fc.assert(
      fc.property(
        fc.option(fc.nat(2_000)),
        fc.boolean(),
        fc.nat(60_000),
        (medianGapMs, started, predictedPrefillMs) => {
          expect(silenceAllowedMs(stream({ medianGapMs, started, predictedPrefillMs }), [])).toBeGreaterThanOrEqual(
            3_000,
          );
        },
      ),
    );
  });
});

describe("a stream without a token", () => {
  test("is late once it is silent for a second longer than predicted", () => {
    expect(isLate(2_000, stream({ started: false }))).toBe(false);
    expect(isLate(2_001, stream({ started: false }))).toBe(true);
  });

  test("is late after 6 s of silence at most, however slow its worker says it is", () => {
    expect(isLate(6_001, stream({ started: false, predictedPrefillMs: Infinity }))).toBe(true);
    expect(isLate(6_001, stream({ started: false, predictedPrefillMs: NaN }))).toBe(true);
  });

  test("is not late while there are signs of progress, nor once it has begun", () => {
    expect(isLate(6_001, stream({ started: false, lastSignAt: 6_000 }))).toBe(false);
    expect(isLate(6_001, stream({ started: true }))).toBe(false);
  });
});

describe("the floor", () => {
  const unknown = { prefillTokensPerS: null, decodeTokensPerS: null };
  const usual = { prefillTokensPerS: 100, decodeTokensPerS: 20 };

  test("is not asked of a lease in its first 20 s, nor of an answer that just began", () => {
    expect(isBelowFloor(20_000, work(), usual)).toBe(false);
    expect(isBelowFloor(20_001, work(), usual)).toBe(true);
    expect(isBelowFloor(60_000, work({ startedAt: 50_000 }), usual)).toBe(false);
  });

  test("is half a token a second where nothing is known of the pool, and five tokens of a prompt", () => {
    expect(isBelowFloor(40_000, work({ startedAt: 0, writtenTokens: 20 }), unknown)).toBe(false);
    expect(isBelowFloor(40_000, work({ startedAt: 0, writtenTokens: 19 }), unknown)).toBe(true);
    expect(isBelowFloor(40_000, work({ readTokens: 200 }), unknown)).toBe(false);
    expect(isBelowFloor(40_000, work({ readTokens: 199 }), unknown)).toBe(true);
  });

  test("is a tenth of what the pool was seen to do, where that is more", () => {
    expect(isBelowFloor(40_000, work({ startedAt: 0, writtenTokens: 80 }), usual)).toBe(false);
    expect(isBelowFloor(40_000, work({ startedAt: 0, writtenTokens: 79 }), usual)).toBe(true);
    expect(isBelowFloor(40_000, work({ readTokens: 400 }), usual)).toBe(false);
    expect(isBelowFloor(40_000, work({ readTokens: 399 }), usual)).toBe(true);
  });

  test("is never above the pace at which people read, however fast strangers pour out text", () => {
    for (const tokensPerS of [1_000, 1e308, Infinity, NaN]) {
      const flood = { prefillTokensPerS: tokensPerS, decodeTokensPerS: tokensPerS };
      expect(isBelowFloor(40_000, work({ startedAt: 0, writtenTokens: 160 }), flood)).toBe(false);
      expect(isBelowFloor(40_000, work({ readTokens: 800 }), flood)).toBe(false);
    }
  });

  test("is passed by nobody with progress of almost nothing", () => {
    expect(isBelowFloor(30_000, work({ readTokens: 1e-6 }), unknown)).toBe(true);
  });
});
