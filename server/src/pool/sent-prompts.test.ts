import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Turn } from "@starai/protocol/template";
import { SentPrompts } from "./sent-prompts.ts";

const user = (content: string): Turn => ({ role: "user", content });
const assistant = (content: string): Turn => ({ role: "assistant", content });
const system: Turn = { role: "system", content: "Be brief." };
const first = [system, user("one")];
const second = [...first, assistant("1"), user("two")];

/** Sends a prompt, reads it and ends its lease; returns what was cached. */
function answered(
  prompts: SentPrompts,
  turns: readonly Turn[],
  { job = "j", model = "m", tokens = 10 * turns.length, slots = 1 } = {},
): number {
  const cached = prompts.send(job, { model, turns, tokens }, slots);
  prompts.wasRead(job);
  prompts.release(job, true);
  return cached;
}

describe("what an engine holds of a prompt", () => {
  test("is nothing of the first, and all of the last step where the next goes on from it", () => {
    const prompts = new SentPrompts();
    expect(answered(prompts, first)).toBe(0);
    expect(answered(prompts, second)).toBe(20);
    expect(answered(prompts, second)).toBe(40);
  });

  test("is its share by bytes where the prompts part, rounded down, by the smaller of the two counts", () => {
    const prompts = new SentPrompts();
    // Each turn has 20 bytes of marks: 29 of 52 bytes are shared, and 29 of 129.
    answered(prompts, [system, user("one")], { tokens: 52 });
    expect(answered(prompts, [system, user("x".repeat(80))], { tokens: 129 })).toBe(29);
    expect(answered(prompts, [system, user("y".repeat(80))], { tokens: 65 })).toBe(14);
  });

  test("is nothing of another model's, and nothing where the first turn differs", () => {
    const prompts = new SentPrompts();
    answered(prompts, first);
    expect(answered(prompts, second, { model: "other" })).toBe(0);
    expect(answered(prompts, [user("Be brief."), user("one")])).toBe(0);
    expect(answered(prompts, [{ ...system, content: "Be brief. " }, user("one")])).toBe(0);
  });

  test("is lost with one slot when another conversation comes between, and kept with two", () => {
    const other = [user("something else")];
    const [one, two] = [new SentPrompts(), new SentPrompts()];
    for (const [prompts, slots] of [
      [one, 1],
      [two, 2],
    ] as const) {
      answered(prompts, first, { slots });
      answered(prompts, other, { slots });
    }
    expect(answered(one, second, { slots: 1 })).toBe(0);
    expect(answered(two, second, { slots: 2 })).toBe(20);
  });

  test("is of the conversation used last when there are more than slots", () => {
    const prompts = new SentPrompts();
    const talks = [1, 2, 3].map((talk) => [user(`talk ${talk}`)]);
    for (const talk of talks) answered(prompts, talk, { slots: 2 });
    expect(answered(prompts, talks[2]!, { slots: 2 })).toBe(10);
    expect(answered(prompts, talks[1]!, { slots: 2 })).toBe(10);
    expect(answered(prompts, talks[0]!, { slots: 2 })).toBe(0);
  });

  test("is nothing of a prompt that another lease is working on", () => {
    const prompts = new SentPrompts();
    prompts.send("running", { model: "m", turns: first, tokens: 20 }, 2);
    prompts.wasRead("running");
    expect(answered(prompts, second, { job: "beside", slots: 2 })).toBe(0);
    prompts.release("running", true);
    expect(answered(prompts, first, { slots: 2 })).toBeGreaterThan(0);
  });

  test("is nothing of a prompt that was cancelled before the engine said anything", () => {
    const prompts = new SentPrompts();
    prompts.send("cancelled", { model: "m", turns: first, tokens: 20 }, 1);
    prompts.release("cancelled", true);
    expect(answered(prompts, first)).toBe(0);
  });

  test("is nothing after a lease was lost", () => {
    const prompts = new SentPrompts();
    prompts.send("lost", { model: "m", turns: first, tokens: 20 }, 1);
    prompts.wasRead("lost");
    prompts.release("lost", false);
    expect(answered(prompts, first)).toBe(0);
  });
});

const anyTurn = fc.record({
  role: fc.constantFrom("system", "user", "assistant"),
  content: fc.constantFrom("", "a", "b", "text\nuser 1\na"),
});
const anyPrompt = fc.record({
  model: fc.constantFrom("m", "other"),
  turns: fc.array(anyTurn, { minLength: 1, maxLength: 4 }),
  tokens: fc.nat(100),
  isRead: fc.boolean(),
  isKept: fc.boolean(),
});

test("whatever was sent before, cached tokens are of a prompt that begins the same, and never more than the prompt", () => {
  fc.assert(
    fc.property(fc.array(anyPrompt, { maxLength: 12 }), fc.integer({ min: 1, max: 3 }), (all, slots) => {
      const prompts = new SentPrompts();
      const known: { model: string; turns: Turn[]; tokens: number }[] = [];
      all.forEach((prompt, index) => {
        const { turns, tokens, isRead, isKept } = prompt;
        const cached = prompts.send(`${index}`, prompt, slots);
        expect(Number.isInteger(cached)).toBe(true);
        expect(cached).toBeGreaterThanOrEqual(0);
        expect(cached).toBeLessThanOrEqual(tokens);
        const alike = known.filter(
          (one) => one.model === prompt.model && JSON.stringify(one.turns[0]) === JSON.stringify(turns[0]),
        );
        expect(cached).toBeLessThanOrEqual(Math.max(0, ...alike.map((one) => one.tokens)));
        if (isRead) prompts.wasRead(`${index}`);
        prompts.release(`${index}`, isKept);
        if (isRead && isKept) known.push(prompt);
      });
    }),
  );
});
