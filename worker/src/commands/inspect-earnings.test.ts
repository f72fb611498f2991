import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { predictHour, shareOf } from "../earnings/predict.ts";
import { makeWorkerHome } from "../testing/worker-home.ts";
import type { WorkerHome } from "../testing/worker-home.ts";
import { earningLines } from "./inspect-earnings.ts";

const SMALL = "qwen2.5-coder-0.5b";
const DEFAULT = "qwen2.5-coder-1.5b";
const laptop = { id: DEFAULT, slots: 2, prefillTokensPerS: 20, decodeTokensPerS: 7 };
const card = { id: DEFAULT, slots: 4, prefillTokensPerS: 8_000, decodeTokensPerS: 300 };

let home: WorkerHome;
beforeEach(async () => {
  home = await makeWorkerHome();
  const models = [SMALL, DEFAULT].map((id) => ({ id, prompt: "15000", cached: "4000", answer: "60000" }));
  put("/api/pool/prices", { coin: "GRAM", microUsdPerCoin: "1700000", feeBasisPoints: 1_000, models });
  pool(4);
});
afterEach(() => home[Symbol.asyncDispose]());

const put = (path: string, body: unknown) => home.pool.pages.set(path, JSON.stringify(body));

/** A pool whose machines have so many slots for the default model, half of them busy over the day. */
function pool(slots: number): void {
  const model = {
    id: DEFAULT,
    name: "m",
    workers: 1,
    slots,
    freeSlots: slots,
    contextTokens: 1,
    prefillTokensPerS: 1,
    decodeTokensPerS: 1,
    constrains: true,
  };
  put("/api/pool", {
    workersOnline: 1,
    queued: 0,
    running: 0,
    tokensPerS: 0,
    models: slots > 0 ? [model] : [],
    load: 0,
    answersToday: 3,
  });
  put("/api/pool/history", { from: 0, load: [null, 0.25, 0.75], workers: [], tokensPerS: [], answers: [], queued: [] });
}

const linesOf = async (
  measured: typeof laptop,
  power: { watts: number | null; kwhPrice: number | null },
  kind: "cpu" | "cuda" = "cpu",
) =>
  (await earningLines({ ...home.config, power }, { fitting: [SMALL, DEFAULT], measured: [measured], kind })).join("\n");

test("a coin's name that would move the cursor does not", async () => {
  const model = { id: DEFAULT, prompt: "15000", cached: "4000", answer: "60000" };
  const prices = { coin: "GR\u001b[2JAM", microUsdPerCoin: "1700000", feeBasisPoints: 1_000, models: [model] };
  put("/api/pool/prices", prices);
  const text = await linesOf(card, { watts: 200, kwhPrice: 0.2 }, "cuda");
  expect(text).toContain("1 GR[2JAM is $1.70 now");
});

test("a fast machine sees what each model brings, and which brings most", async () => {
  const text = await linesOf(card, { watts: 200, kwhPrice: 0.2 }, "cuda");
  expect(text).toContain("200 W; $0.2 a kWh");
  expect(text).toMatch(/qwen2\.5-coder-1\.5b +\$0\.0\d+ +\$0\.\d+ +\$0\.040/);
  expect(text).toMatch(/≈ qwen2\.5-coder-0\.5b +nobody asks yet/);
  expect(text).toContain("would earn most: STARAI_MODEL=qwen2.5-coder-1.5b");
  expect(text).toContain("the pool's load of the last day is 50 %");
});

test("a laptop is told that it would lose money, and that what was assumed can be said better", async () => {
  const text = await linesOf(laptop, { watts: null, kwhPrice: null });
  expect(text).toContain("45 W assumed, STARAI_WATTS says better");
  expect(text).toContain("$0.15 a kWh assumed");
  expect(text).toContain("It would LOSE money with every model");
  expect(text).toContain("A laptop does not earn; you can help the network");
});

test("where nobody asks for a model, it earns nothing now, and the table says what it would never idle", async () => {
  pool(0);
  expect(await linesOf(card, { watts: 200, kwhPrice: 0.2 }, "cuda")).toContain(
    "At the pool's load it would earn nothing now; never idle,",
  );
});

test("without a pool that answers, or before a model was measured, nothing is predicted", async () => {
  home.pool.pages.clear();
  expect(await linesOf(laptop, { watts: null, kwhPrice: null })).toMatch(
    /is not known: .*is not there: the pool may be of an older version.*--pool/,
  );
  expect(await earningLines(home.config, { fitting: [SMALL], measured: [], kind: "cpu" })).toEqual([
    expect.stringContaining("not known before a model was measured"),
  ]);
});

test("a faster machine never earns less, and nobody works more than the whole hour", () => {
  const speed = fc.integer({ min: 1, max: 100_000 });
  fc.assert(
    fc.property(speed, speed, fc.integer({ min: 1, max: 10 }), (prefillTokensPerS, decodeTokensPerS, times) => {
      const facts = {
        price: { prompt: 15_000, answer: 60_000 },
        askPercent: 100,
        feeBasisPoints: 1_000,
        watts: 100,
        kwhPrice: 0.2,
        share: 0.5,
      };
      const slow = predictHour({ ...facts, speeds: { prefillTokensPerS, decodeTokensPerS } });
      const fast = predictHour({
        ...facts,
        speeds: { prefillTokensPerS: prefillTokensPerS * times, decodeTokensPerS: decodeTokensPerS * times },
      });
      expect(fast.left).toBeGreaterThanOrEqual(slow.left);
    }),
  );
  expect(shareOf({ load: 1, slots: 1_000, ownSlots: 1 })).toBeLessThanOrEqual(1);
  expect(shareOf({ load: 0.5, slots: 4, ownSlots: 4 })).toBe(0.25);
  expect(shareOf({ load: 0.5, slots: 0, ownSlots: 4 })).toBeNull();
});
