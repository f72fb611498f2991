import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isHalfOpen, silenceAllowedMs, stalledStreams } from "./health.ts";
import type { StreamView } from "./health.ts";

function stream(over: Partial<StreamView> = {}): StreamView {
  return { job: "j", lastSignAt: 0, medianGapMs: 40, started: true, predictedPrefillMs: 1_000, ...over };
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
