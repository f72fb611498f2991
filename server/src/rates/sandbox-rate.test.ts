import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextRate } from "../prices/rate.ts";
import type { Rate } from "../prices/rate.ts";
import { sandboxRate } from "./sandbox-rate.ts";

const signal = new AbortController().signal;
const MIDNIGHT = Date.parse("2026-12-01T00:00:00Z");
const HOUR_MS = 3_600_000;

async function priceAt(at: number, seed: number | null): Promise<bigint> {
  const { microUsdPerCoin } = await sandboxRate({ id: "a", seed, now: () => at }).read(signal);
  return microUsdPerCoin;
}

describe("the sandbox's rate", () => {
  test("is $1.70 or what it is set to, and of now", async () => {
    const fixed = sandboxRate({ id: "a", seed: null, now: () => MIDNIGHT });
    expect(await fixed.read(signal)).toEqual({ source: "sandbox:a", microUsdPerCoin: 1_700_000n, at: MIDNIGHT });
    const set = sandboxRate({ id: "a", seed: null, now: () => MIDNIGHT, microUsdPerCoin: 3_000_000n });
    expect(await set.read(signal)).toMatchObject({ microUsdPerCoin: 3_000_000n });
  });

  test("walks 4 % up and down within a day, by its seed", async () => {
    const hours = [0, 6, 12, 18, 24];
    const walk = (seed: number) => Promise.all(hours.map((hour) => priceAt(MIDNIGHT + hour * HOUR_MS, seed)));
    expect(await walk(0)).toEqual([1_632_000n, 1_700_000n, 1_768_000n, 1_700_000n, 1_632_000n]);
    expect(await walk(6)).toEqual([1_700_000n, 1_768_000n, 1_700_000n, 1_632_000n, 1_700_000n]);
  });

  test("never stops paid answers, whatever two seeds walk beside each other", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.nat(48 * 60), async (one, other, minutes) => {
        const rates: Rate[] = [];
        for (let minute = minutes; minute < minutes + 20; minute++) {
          const now = MIDNIGHT + minute * 60_000;
          const sources = [one, other].map((seed, at) => sandboxRate({ id: String(at), seed, now: () => now }));
          const readings = await Promise.all(sources.map((source) => source.read(signal)));
          rates.push({ ...nextRate(readings, rates, now)!, id: String(minute) });
        }
        expect(rates.map(({ stopped }) => stopped)).toEqual(rates.map(() => null));
      }),
    );
  });

  test("cannot be read once the signal is raised", async () => {
    const source = sandboxRate({ id: "a", seed: null, now: () => MIDNIGHT });
    const stopped = AbortSignal.abort(new Error("the server stops"));
    await expect(source.read(stopped)).rejects.toThrow("the server stops");
  });
});
