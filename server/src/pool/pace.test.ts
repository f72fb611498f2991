import * as fc from "fast-check";
import { expect, test } from "vitest";
import { PLUMBING_MODEL, loadCatalogue } from "@starai/protocol/catalogue";
import { Pace } from "./pace.ts";
import { plumbingModel } from "../testing/pool-stack.ts";

const model = loadCatalogue().get(PLUMBING_MODEL)!;
const claiming = (tokensPerS: number) => plumbingModel({ prefillTokensPerS: tokensPerS, decodeTokensPerS: tokensPerS });
const usual = new Pace().expected(claiming(1e-300), model).decodeTokensPerS * 8;

test("a claim changes what is expected of a stranger by a factor of eight at most, up or down", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 1e308, noNaN: true }), (claim) => {
      const { decodeTokensPerS } = new Pace().expected(claiming(claim), model);
      expect(decodeTokensPerS).toBeGreaterThanOrEqual(usual / 8.001);
      expect(decodeTokensPerS).toBeLessThanOrEqual(usual * 8.001);
    }),
  );
});

test("a measurement counts, whatever the claim", () => {
  const pace = new Pace();
  pace.learn({ tokens: 300, ms: 1_000 }, { tokens: 40, ms: 2_000 }, 1);
  expect(pace.expected(claiming(1e308), model)).toEqual({ prefillTokensPerS: 300, decodeTokensPerS: 20 });
});

test("a machine that was busy when it was first measured is known better with each lease", () => {
  const pace = new Pace();
  pace.learn({ tokens: 0, ms: 0 }, { tokens: 39, ms: 10_000 }, 1);
  for (let lease = 0; lease < 10; lease++) pace.learn({ tokens: 0, ms: 0 }, { tokens: 200, ms: 10_000 }, 1);
  expect(pace.expected(claiming(3.9), model).decodeTokensPerS).toBeGreaterThan(17);
});

test("a stream beside others is not taken for a slow machine, nor a few tokens for a measurement", () => {
  const pace = new Pace();
  pace.learn({ tokens: 0, ms: 0 }, { tokens: 7, ms: 7_000 }, 1);
  expect(pace.measured).toBeNull();
  pace.learn({ tokens: 0, ms: 0 }, { tokens: 100, ms: 10_000 }, 2);
  expect(pace.measured).toMatchObject({ decodeTokensPerS: 20 });
});
