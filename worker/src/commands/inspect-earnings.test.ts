import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { askPrices } from "../earnings/ask-prices.ts";
import { busyWith, predictHour } from "../earnings/predict.ts";
import { makeWorkerHome } from "../testing/worker-home.ts";
import type { WorkerHome } from "../testing/worker-home.ts";
import { earningLines } from "./inspect-earnings.ts";

const SMALL = "qwen2.5-coder-0.5b";
const DEFAULT = "qwen2.5-coder-1.5b";
/** Alone it takes 2 s for a job of 1,200 tokens to read and 250 to write. */
const card = { id: DEFAULT, slots: 4, perStream: 0.5, prefillTokensPerS: 1_200, decodeTokensPerS: 250 };
const laptop = { id: DEFAULT, slots: 2, perStream: null, prefillTokensPerS: 20, decodeTokensPerS: 7 };
const USED = { looks: 1_440, slots: 4, busy: 0.75, waiting: 1 };

let home: WorkerHome;
beforeEach(async () => {
  home = await makeWorkerHome();
  pool({ [DEFAULT]: USED });
});
afterEach(() => home[Symbol.asyncDispose]());

/** A pool whose models were used like this. A job costs 33 millionths of a dollar, of which the workers get nine tenths. */
function pool(loads: Record<string, typeof USED>, coin = "GRAM", cheap: string | null = null): void {
  const models = [SMALL, DEFAULT].map((id) => ({
    id,
    prompt: id === cheap ? "1" : "15000",
    cached: id === cheap ? "1" : "4000",
    answer: id === cheap ? "1" : "60000",
    load: loads[id] ?? null,
  }));
  const prices = { coin, microUsdPerCoin: "1700000", feeBasisPoints: 1_000, models, later: "a newer pool says more" };
  home.pool.pages.set("/api/pool/prices", JSON.stringify(prices));
}

const linesOf = async (
  measured: typeof laptop | typeof card,
  power: { watts: number | null; kwhPrice: number | null },
  kind: "cpu" | "cuda" = "cpu",
) =>
  earningLines(
    { ...home.config, power },
    { fitting: [SMALL, DEFAULT], measured: [measured], kind, prices: await askPrices(home.config) },
  ).join("\n");

test("a coin's name that would move the cursor does not", async () => {
  pool({}, "GR\u001b[2JAM");
  const text = await linesOf(card, { watts: 200, kwhPrice: 0.2 }, "cuda");
  expect(text).toContain("1 GR[2JAM is $1.70 now");
});

test("each model is predicted by its own load, with all slots and what they cost each other", async () => {
  // Four jobs are asked of four slots and four more: half of ours work, so 2 of 4. Each takes 2 × (1 + 0.5 × 0.5 × 3) = 3.5 s:
  // 3,600 × 2 ÷ 3.5 = 2,057 jobs of 29.7 millionths make 0.0611; an hour takes 0.2 kW × $0.2 = 0.04.
  // Never idle, all four take 2 × (1 + 0.5 × 3) = 5 s: 2,880 jobs, 0.0855.
  const text = await linesOf(card, { watts: 200, kwhPrice: 0.2 }, "cuda");
  expect(text).toMatch(/ qwen2\.5-coder-1\.5b +75 %, 1\.0 waiting +\$0\.021 +\$0\.046 +\$0\.040/);
  expect(text).toMatch(/≈ qwen2\.5-coder-0\.5b +– +nobody asks yet +\$0\.\d+/);
  expect(text).toContain("would earn most: STARAI_MODEL=qwen2.5-coder-1.5b");
  expect(text).toContain("200 W; $0.2 a kWh");
  expect(text).toContain(
    "With all 4 jobs of qwen2.5-coder-1.5b at once each is measured as 2.5 times as slow as one alone",
  );
  expect(text).toContain("over the last 24 hours that the pool watched");
});

test("the model that would earn most is the one that is asked for, not the one that was measured or is fastest", async () => {
  pool({
    [DEFAULT]: { looks: 60, slots: 40, busy: 0, waiting: 0 },
    [SMALL]: { looks: 60, slots: 1, busy: 1, waiting: 9 },
  });
  const text = await linesOf(card, { watts: 200, kwhPrice: 0.2 }, "cuda");
  expect(text).toContain("would earn most: STARAI_MODEL=qwen2.5-coder-0.5b");
  expect(text).toMatch(/ qwen2\.5-coder-1\.5b +0 % +\$0 /);
  expect(text).toContain("over the last 60 minutes");
});

test("a laptop is told that it would lose money, and that what was assumed can be said better", async () => {
  const text = await linesOf(laptop, { watts: null, kwhPrice: null });
  expect(text).toContain("45 W assumed, STARAI_WATTS says better");
  expect(text).toContain("$0.15 a kWh assumed");
  expect(text).toContain("It would LOSE money with every model");
  expect(text).toContain("A laptop does not earn; you can help the network");
  expect(text).toContain("each is taken to be 1.4 times as slow");
});

test("where nobody asks for a model, or the pool does not say, it earns nothing, and the table says what it would never idle", async () => {
  pool({ [DEFAULT]: { looks: 1, slots: 0, busy: 0, waiting: 0 } });
  const text = await linesOf(card, { watts: 200, kwhPrice: 0.2 }, "cuda");
  expect(text).toContain("As busy as the pool was, it would earn nothing; never idle,");
  expect(text).toContain("over the last 1 minute that");
  pool({});
  expect(await linesOf(card, { watts: 200, kwhPrice: 0.2 }, "cuda")).toContain("ask again in a minute");
});

test("where nobody asks, no loss with every model is told while one of them would bring something", async () => {
  pool({ [DEFAULT]: { looks: 1, slots: 4, busy: 0, waiting: 0 } }, "GRAM", SMALL);
  const text = await linesOf(card, { watts: 200, kwhPrice: 0.2 }, "cuda");
  expect(text).toContain("never idle, qwen2.5-coder-1.5b would earn $0.046 an hour");
  expect(text).not.toContain("LOSE");
});

test("without a pool that answers, or before a model was measured, nothing is predicted", async () => {
  home.pool.pages.clear();
  expect(await linesOf(laptop, { watts: null, kwhPrice: null })).toMatch(
    /is not known: .*is not there: the pool may be of an older version.*--pool/,
  );
  const nothing = { fitting: [SMALL], measured: [], kind: "cpu", prices: "" } as const;
  expect(earningLines(home.config, nothing)).toEqual([
    expect.stringContaining("not known before a model was measured"),
  ]);
});

test("a faster, busier machine never earns less, and streams that take turns bring no more than one alone", () => {
  const speed = fc.integer({ min: 1, max: 100_000 });
  const share = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);
  fc.assert(
    fc.property(
      fc.record({ prefillTokensPerS: speed, decodeTokensPerS: speed }),
      fc.integer({ min: 1, max: 10 }),
      fc.record({ slots: fc.integer({ min: 1, max: 8 }), perStream: share }),
      fc.tuple(share, share),
      ({ prefillTokensPerS, decodeTokensPerS }, times, sharing, shares) => {
        const facts = {
          price: { prompt: 15_000, answer: 60_000 },
          askPercent: 100,
          feeBasisPoints: 1_000,
          watts: 100,
          kwhPrice: 0.2,
        };
        const [idle, busy] = [Math.min(...shares), Math.max(...shares)];
        const slow = { prefillTokensPerS, decodeTokensPerS };
        const fast = { prefillTokensPerS: prefillTokensPerS * times, decodeTokensPerS: decodeTokensPerS * times };
        const hour = (speeds: typeof slow, of: typeof sharing, at: number) =>
          predictHour({ ...facts, speeds, sharing: of, busy: at });
        // Numbers of the machine round: a hair less is not less.
        const hair = 1e-12;
        expect(hour(fast, sharing, busy).left + hair).toBeGreaterThanOrEqual(hour(slow, sharing, busy).left);
        expect(hour(slow, sharing, busy).earned + hair).toBeGreaterThanOrEqual(hour(slow, sharing, idle).earned);
        const turns = hour(slow, { ...sharing, perStream: 1 }, 1);
        expect(turns.earned).toBeCloseTo(hour(slow, { slots: 1, perStream: 0 }, 1).earned, 9);
        expect(turns.electricity).toBeLessThanOrEqual(0.1 * 0.2);
      },
    ),
  );
});

test("what is asked of a model is divided among its slots and ours, and is never more than ours can do", () => {
  expect(busyWith({ looks: 1, slots: 4, busy: 0.5, waiting: 0 }, 4)).toBe(0.25);
  expect(busyWith({ looks: 1, slots: 4, busy: 0.5, waiting: 2 }, 4)).toBe(0.5);
  expect(busyWith({ looks: 1, slots: 0, busy: 0, waiting: 1 }, 4)).toBe(0.25);
  expect(busyWith({ looks: 1, slots: 4, busy: 1, waiting: 1_000 }, 1)).toBe(1);
  expect(busyWith({ looks: 1, slots: 0, busy: 0, waiting: 0 }, 4)).toBeNull();
  expect(busyWith(null, 4)).toBeNull();
});
