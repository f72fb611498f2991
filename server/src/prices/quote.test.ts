import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { priceOf } from "./bill.ts";
import { lockPrice } from "./locked-price.ts";
import { DEFAULT_PRICES, listPrices } from "./price-table.ts";
import { LAST_STEP_TOKENS_MIN, budgetOf, capInNano, holdFor, planStep, typicalAnswer, worstOfStep } from "./quote.ts";
import type { Budget, StepPlan, StepSize } from "./quote.ts";
import type { TokenPrices } from "./price-table.ts";
import { anyPrices, anyTokens } from "../testing/prices.ts";

/** Nano units for a million tokens. */
const PRICES = { prompt: 10_000_000n, cached: 2_000_000n, answer: 40_000_000n };
const anyStep: fc.Arbitrary<StepSize> = fc.record({
  promptTokens: fc.nat(1_000_000),
  answerTokensMax: fc.nat(1_000_000),
});

function balance(amount: bigint): Budget {
  return { amount, bound: "balance" };
}

/** What a step planned like this must hold of what is left; `true` throughout. */
function obeys(prices: TokenPrices, { step, rest, plan }: { step: StepSize; rest: bigint; plan: StepPlan }): boolean {
  const worstOf = (answerTokensMax: number) => worstOfStep(prices, { ...step, answerTokensMax });
  const { answerTokensMax: asked } = step;
  if (plan.kind === "fits") return plan.worst === worstOf(asked) && plan.worst <= rest;
  if (worstOf(asked) <= rest) return false;
  if (plan.kind === "ends") return asked < LAST_STEP_TOKENS_MIN || worstOf(LAST_STEP_TOKENS_MIN) > rest;
  const { answerTokensMax: given, worst } = plan;
  return given >= LAST_STEP_TOKENS_MIN && given < asked && worst <= rest && worstOf(given + 1) > rest;
}

describe("an answer's budget", () => {
  test("is the least of its cap, what the day's cap leaves and the free balance, and says which", () => {
    const bounds = { answerCap: 30n, dayCapRest: 20n, freeBalance: 10n };
    expect(budgetOf(bounds)).toEqual({ amount: 10n, bound: "balance" });
    expect(budgetOf({ ...bounds, freeBalance: 25n })).toEqual({ amount: 20n, bound: "day_cap" });
    expect(budgetOf({ answerCap: 3n, dayCapRest: 20n, freeBalance: 10n })).toEqual({ amount: 3n, bound: "answer_cap" });
  });

  test("cannot be below nothing, as with a debt or a cap that was lowered", () => {
    expect(budgetOf({ answerCap: 30n, dayCapRest: -5n, freeBalance: -10n })).toEqual({ amount: 0n, bound: "balance" });
  });

  test("takes caps in dollars at the answer's rate, rounded down", () => {
    const cap = { microUsd: 20_000n, microUsdPerCoin: 1_700_000n };
    expect(capInNano({ ...cap, paidIn: "coin" })).toBe(11_764_705n);
    expect(capInNano({ ...cap, paidIn: "stars" })).toBe(1_538_461_538n);
  });
});

describe("a hold", () => {
  const steps = [
    { promptTokens: 1_000, answerTokensMax: 500 },
    { promptTokens: 2_000, answerTokensMax: 500 },
  ];

  test("is what all steps can cost at most, and no more than the budget", () => {
    expect(holdFor(PRICES, { steps, budget: balance(1_000_000n) })).toBe(70_000n);
    expect(holdFor(PRICES, { steps, budget: balance(69_999n) })).toBe(69_999n);
    expect(holdFor(PRICES, { steps, budget: balance(0n) })).toBe(0n);
  });

  test("rounds up: an answer that costs a part of a nano unit holds one", () => {
    expect(worstOfStep({ prompt: 1n, cached: 1n, answer: 1n }, { promptTokens: 1, answerTokensMax: 0 })).toBe(1n);
  });
});

describe("a step", () => {
  const step = { promptTokens: 1_000, answerTokensMax: 500 };

  test("that fits what is left may be followed by others", () => {
    expect(planStep(PRICES, { step, rest: 30_000n })).toEqual({ kind: "fits", worst: 30_000n });
  });

  test("that could cost more is the last one, with as many tokens as what is left pays for", () => {
    expect(planStep(PRICES, { step, rest: 29_999n })).toEqual({ kind: "last", worst: 29_960n, answerTokensMax: 499 });
    expect(planStep(PRICES, { step, rest: 12_560n })).toMatchObject({ kind: "last", answerTokensMax: 64 });
  });

  test("for which not even 64 tokens are left is not made", () => {
    expect(planStep(PRICES, { step, rest: 12_559n })).toEqual({ kind: "ends" });
    expect(planStep(PRICES, { step, rest: 0n })).toEqual({ kind: "ends" });
  });

  test("that asks for fewer than 64 tokens is made whole or not at all", () => {
    const short = { promptTokens: 1_000, answerTokensMax: 10 };
    expect(planStep(PRICES, { step: short, rest: 10_400n })).toMatchObject({ kind: "fits" });
    expect(planStep(PRICES, { step: short, rest: 10_399n })).toEqual({ kind: "ends" });
  });

  test("gets as many tokens as what is left pays for, never one more or fewer, and at least 64 if any", () => {
    fc.assert(
      fc.property(anyPrices, anyStep, fc.bigInt({ min: 0n, max: 10n ** 15n }), (prices, step, rest) => {
        const plan = planStep(prices, { step, rest });
        expect({ plan, ok: obeys(prices, { step, rest, plan }) }).toEqual({ plan, ok: true });
      }),
    );
  });
});

/** A step as planned and as it went: parts of what was allowed, in percent. */
const anyStepWorked = fc.record({ step: anyStep, cached: fc.nat(100), written: fc.nat(100) });

test("whatever an answer's steps do, their captures together stay within its hold", () => {
  fc.assert(
    fc.property(
      anyPrices,
      fc.array(anyStepWorked, { maxLength: 7 }),
      fc.bigInt({ min: 0n, max: 10n ** 18n }),
      (prices, worked, amount) => {
        const hold = holdFor(prices, { steps: worked.map(({ step }) => step), budget: balance(amount) });
        let rest = hold;
        for (const { step, cached, written } of worked) {
          const plan = planStep(prices, { step, rest });
          if (plan.kind === "ends") break;
          const most = plan.kind === "last" ? plan.answerTokensMax : step.answerTokensMax;
          const tokens = {
            prompt: step.promptTokens,
            cached: Math.floor((step.promptTokens * cached) / 100),
            answer: Math.floor((most * written) / 100),
          };
          const captured = priceOf(prices, tokens);
          expect(captured).toBeLessThanOrEqual(plan.worst);
          rest -= captured;
          if (plan.kind === "last") break;
        }
        expect(rest).toBeGreaterThanOrEqual(0n);
        expect(rest).toBeLessThanOrEqual(hold);
      },
    ),
  );
});

test("a job costs at most its worst case, however much of the prompt was cached", () => {
  fc.assert(
    fc.property(anyPrices, anyTokens, (prices, tokens) => {
      const worst = worstOfStep(prices, { promptTokens: tokens.prompt, answerTokensMax: tokens.answer });
      expect(priceOf(prices, tokens)).toBeLessThanOrEqual(worst);
    }),
  );
});

test("a quote is locked: its worst case and its bill stay as they are when rates and lists change", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 10_000n, max: 10n ** 10n }), anyTokens, (microUsdPerCoin, tokens) => {
      const list = { prompt: 50_000n, cached: 12_500n, answer: 200_000n };
      const rate = { id: "r1", microUsdPerCoin };
      const quote = lockPrice({ unit: "micro_usd", list, paidIn: "coin", askPercent: 100, rate })!;
      const before = priceOf(quote.perMillion, tokens);
      rate.microUsdPerCoin /= 2n;
      list.answer *= 2n;
      expect(priceOf(quote.perMillion, tokens)).toBe(before);
    }),
  );
});

test.each([
  ["a 1.5B model", 1.5e9, 20n],
  ["an 8B model", 8e9, 70n],
  ["a 70B model", 70e9, 720n],
])("a chat answer of %s costs thousandths of a cent", (_what, parameters, microUsd) => {
  const inMicroUsd = listPrices(DEFAULT_PRICES, { id: "m", parameters })!;
  expect(typicalAnswer(inMicroUsd) - microUsd).toBeLessThanOrEqual(1n);
  expect(typicalAnswer(inMicroUsd) - microUsd).toBeGreaterThanOrEqual(0n);
});

test("the dearest answer there can be is still an amount that the database stores", () => {
  const dearest = { prompt: 3n * 10n ** 14n, cached: 3n * 10n ** 14n, answer: 3n * 10n ** 14n };
  const step = { promptTokens: 1_000_000, answerTokensMax: 1_000_000 };
  expect(worstOfStep(dearest, step)).toBeLessThan(4_000_000_000_000_000_000n);
  expect(() => worstOfStep(dearest, { ...step, promptTokens: -1 })).toThrow(RangeError);
});
