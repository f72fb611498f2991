import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  allReduceSeconds,
  bytesFor,
  fillingBatches,
  layersThatFit,
  secondsPerToken,
  secondsToFirstToken,
  tokensPerSecond,
  tokensPerTraversal,
} from "./cost-model.ts";
import type { Pipeline } from "./cost-model.ts";

const anySeconds = fc.double({ min: 1e-4, max: 1, noNaN: true });
const anyPipeline: fc.Arbitrary<Pipeline> = fc.integer({ min: 1, max: 8 }).chain((stages) =>
  fc.record({
    stageS: fc.array(anySeconds, { minLength: stages, maxLength: stages }),
    hopS: fc.array(anySeconds, { minLength: stages - 1, maxLength: stages - 1 }),
    lineS: fc.array(anySeconds, { minLength: stages - 1, maxLength: stages - 1 }),
    returnS: anySeconds,
  }),
);
const model = {
  layers: 10,
  layerBytes: 1_000,
  inputBytes: 300,
  outputBytes: 500,
  kvBytesPerTokenLayer: 2,
  activationBytesPerToken: 4,
};
const workload = { batch: 2, inFlight: 3, contextTokens: 5 };

test("a published pipeline over five machines makes the tokens per second that its log says", () => {
  // MiniMax-M2.5 on five cards in four countries: stages of 127.9 ms and hops of 71.9 ms together; 5.03 tokens/s were logged.
  const pipeline = {
    stageS: [25.58, 25.58, 25.58, 25.58, 25.58].map((ms) => ms / 1_000),
    hopS: [0.018, 0.018, 0.018, 0.0179],
    lineS: [0, 0, 0, 0],
    returnS: 0,
  };
  const perSecond = tokensPerSecond(pipeline, { batch: 1, inFlight: 1 });
  expect(Math.abs(perSecond / 5.03 - 1)).toBeLessThan(0.01);
});

test("micro-batches raise what a pipeline carries until it is filled, and only the wait after that", () => {
  fc.assert(
    fc.property(anyPipeline, fc.integer({ min: 1, max: 60 }), (pipeline, inFlight) => {
      const full = fillingBatches(pipeline);
      const carried = tokensPerSecond(pipeline, { batch: 1, inFlight });
      const more = tokensPerSecond(pipeline, { batch: 1, inFlight: inFlight + 1 });
      expect(more).toBeGreaterThanOrEqual(carried);
      expect(more === carried).toBe(inFlight >= full);
      const seconds = secondsPerToken(pipeline, inFlight);
      expect(seconds).toBeGreaterThanOrEqual(secondsPerToken(pipeline, 1));
      expect(seconds === secondsPerToken(pipeline, 1)).toBe(inFlight <= full);
      // Little's law: what is on the way is what is carried times how long it takes.
      expect(inFlight === full || Math.abs(carried * seconds - inFlight) < 1e-6).toBe(true);
    }),
  );
});

test("as many layers fit as their weights, their KV and an end of the model leave room for, and not one more", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20_000 }), (bytes) => {
      const fits = layersThatFit(model, bytes, workload);
      expect(fits === 0 || bytesFor(model, fits, workload) <= bytes).toBe(true);
      expect(fits === model.layers || bytesFor(model, fits + 1, workload) > bytes).toBe(true);
    }),
  );
  expect(bytesFor(model, 10, workload)).toBe(10 * (1_000 + 2 * 2 * 3 * 5) + 300 + 500);
});

test("a prompt of several chunks waits for the slowest stage once for each further chunk", () => {
  const chunks = { stageS: [0.2, 0.5], hopS: [0.1], lineS: [0.05], returnS: 0.1 };
  expect(secondsToFirstToken({ waitS: 1, chunkTokens: 100, promptTokens: 100, chunks })).toBeCloseTo(1.9);
  expect(secondsToFirstToken({ waitS: 1, chunkTokens: 100, promptTokens: 250, chunks })).toBeCloseTo(2.9);
});

test("guessing brings one token where nothing is right, and all where everything is", () => {
  expect(tokensPerTraversal(4, 0)).toBe(1);
  expect(tokensPerTraversal(4, 1)).toBe(5);
  expect(tokensPerTraversal(4, 0.8)).toBeCloseTo(3.3616);
});

test("two machines 3 ms apart cannot share 80 layers by tensors in less than 0.96 s a token", () => {
  const layer = allReduceSeconds({ members: 2, latencyS: 0.003, bytes: 0, bytesPerS: 1e9 });
  expect(80 * layer).toBeCloseTo(0.96);
});
