import { expect, test } from "vitest";
import { nextRate } from "../prices/rate.ts";
import { sandboxRate } from "./sandbox-rate.ts";

const signal = new AbortController().signal;
const NOW = Date.parse("2026-12-01T12:00:00Z");

test("the sandbox's rate is $1.70 at any time, and two of its sources make a rate that may be used", async () => {
  for (const now of [NOW, NOW + 86_400_000]) {
    const sources = ["a", "b"].map((id) => sandboxRate({ id, now: () => now }));
    const readings = await Promise.all(sources.map((source) => source.read(signal)));
    expect(readings[0]).toEqual({ source: "sandbox:a", microUsdPerCoin: 1_700_000n, at: now });
    expect(nextRate(readings, [], now)).toMatchObject({ microUsdPerCoin: 1_700_000n, at: now, stopped: null });
  }
});

test("the sandbox's rate cannot be read once the signal is raised", async () => {
  const stopped = AbortSignal.abort(new Error("the server stops"));
  await expect(sandboxRate({ id: "a", now: () => NOW }).read(stopped)).rejects.toThrow("the server stops");
});
