/** The longest answer there is, at a person's cap: six steps, each of them written twice. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { MICRO_USD_PER_STAR } from "@starai/protocol/amounts";
import { pause } from "@starai/protocol/pause";
import { CAP_BOUNDS } from "@starai/protocol/money";
import { STEPS_MAX } from "@starai/server/agent/loop-guard";
import { DEFAULT_SETTINGS } from "@starai/server/billing/money-settings";
import { expectBooksRight } from "@starai/server/testing/books";
import { answers, calls } from "@starai/server/testing/scripted-thinking";
import { NANO_PER_STAR, openMoneyHouse } from "./money-house.ts";
import type { MoneyHouse } from "./money-house.ts";

/** More than the least cap of an answer pays for, were every step as long as it may be; as they are, they cost less. */
const ANSWER_CAP = CAP_BOUNDS.answer.min;
const WORDS_MAX = 200;
let house: MoneyHouse;
beforeAll(async () => {
  house = await openMoneyHouse({ ...DEFAULT_SETTINGS, free: { ...DEFAULT_SETTINGS.free, answersPerDay: 0 } });
}, 60_000);
afterAll(() => house[Symbol.asyncDispose]());

/** The same words until somebody stops it. */
async function* endless(stop: AbortSignal): AsyncGenerator<string> {
  for (let times = 0; times < WORDS_MAX && !stop.aborted; times++) {
    yield "1.1: ".repeat(10);
    await pause(10);
  }
}

test("six steps with a repair each stay within the cap, cost their six good tries, and the repairs cost the person nothing", async () => {
  const ann = house.person(9_101);
  await ann.say("/start");
  await ann.topUp("50 Stars");
  const { caps } = await ann.money();
  await ann.api("api/my/money/caps", { method: "PUT", body: { ...caps, answer: ANSWER_CAP } });
  const tried = new Set<number>();
  house.stack.script = ({ step, stop }) => {
    const isFirst = !tried.has(step);
    tried.add(step);
    // A step that repeats itself without end is stopped, and asked for once more.
    if (isFirst) return answers(endless(stop));
    return step < STEPS_MAX - 1 ? calls("calculator", { expression: `${step} + 1` }, "") : answers("Six steps later.");
  };
  const [answer] = await ann.say("Count slowly");
  expect(answer?.text).toContain("Six steps later.");
  const { receipts } = await ann.books();
  const [receipt] = receipts;
  expect(receipt).toMatchObject({ outcome: "answered", paidWith: "stars", bound: "answer_cap" });
  const of = (purpose: "step" | "repair") => receipt!.jobs.filter((job) => job.purpose === purpose);
  expect([of("step").length, of("repair").length]).toEqual([STEPS_MAX, STEPS_MAX]);
  expect(of("repair").map(({ paid }) => paid)).toEqual(Array(STEPS_MAX).fill(false));
  const paid = of("step").reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  expect(BigInt(receipt!.amount)).toBe(paid);
  expect(paid * MICRO_USD_PER_STAR).toBeLessThanOrEqual(BigInt(ANSWER_CAP) * NANO_PER_STAR);
  const { stars } = await ann.money();
  expect([BigInt(stars.spendable), stars.held]).toEqual([50n * NANO_PER_STAR - paid, "0"]);
  await expectBooksRight(house.stack.ctx.pg);
});
