import * as fc from "fast-check";
import { GrammyError } from "grammy";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Pacer } from "./pacer.ts";

const log = pino({ level: "silent" });
const PACE = { everyMs: 400, keepAliveMs: 20_000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function refusal(code: number, retryAfterS?: number): GrammyError {
  const parameters = retryAfterS === undefined ? {} : { retry_after: retryAfterS };
  return new GrammyError("refused", { ok: false, error_code: code, description: "refused", parameters }, "any", {});
}

/** A pacer whose sends are kept with their time, and answered as told. */
function recorded(pace: { everyMs: number; keepAliveMs: number | null } = PACE) {
  const sent: { at: number; content: string }[] = [];
  const answers: (Error | null)[] = [];
  const start = Date.now();
  const pacer = new Pacer(
    pace,
    async (content) => {
      sent.push({ at: Date.now() - start, content });
      const answer = answers.shift();
      if (answer) throw answer;
    },
    log,
  );
  return { pacer, sent, answers };
}

describe("a preview", () => {
  test("shows the first state at once and then the newest, no oftener than its pace", async () => {
    const { pacer, sent } = recorded();
    for (let index = 0; index < 100; index++) {
      pacer.show(`word ${index}`);
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(1_000);
    await pacer.end();
    expect(sent[0]).toEqual({ at: 0, content: "word 0" });
    expect(sent.at(-1)?.content).toBe("word 99");
    expect(sent).toHaveLength(4);
  });

  test("of any rhythm of changes never sends twice within its pace, nor the same twice, and ends with the newest", async () => {
    const rhythm = fc.array(fc.record({ wait: fc.nat(900), text: fc.constantFrom("a", "b", "c") }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(rhythm, async (changes) => {
        const { pacer, sent } = recorded({ everyMs: 400, keepAliveMs: null });
        for (const { wait, text } of changes) {
          pacer.show(text);
          await vi.advanceTimersByTimeAsync(wait);
        }
        await vi.advanceTimersByTimeAsync(1_000);
        await pacer.end();
        for (const [index, { at, content }] of sent.entries()) {
          const before = sent[index - 1];
          if (!before) continue;
          expect(at - before.at).toBeGreaterThanOrEqual(400);
          expect(content).not.toBe(before.content);
        }
        expect(sent.at(-1)?.content).toBe(changes.at(-1)?.text);
      }),
    );
  });

  test("unchanged is sent again before Telegram forgets it", async () => {
    const { pacer, sent } = recorded();
    pacer.show("thinking");
    await vi.advanceTimersByTimeAsync(65_000);
    await pacer.end();
    expect(sent.map(({ at }) => Math.round(at / 1_000))).toEqual([0, 20, 40, 60]);
  });

  test("pauses on 429 until its time is over and then shows the newest only", async () => {
    const { pacer, sent, answers } = recorded();
    answers.push(refusal(429, 7));
    pacer.show("old");
    for (let index = 0; index < 10; index++) {
      await vi.advanceTimersByTimeAsync(500);
      pacer.show(`new ${index}`);
    }
    await vi.advanceTimersByTimeAsync(5_000);
    await pacer.end();
    expect(sent).toEqual([
      { at: 0, content: "old" },
      { at: 7_000, content: "new 9" },
    ]);
  });

  test("is given up when the person blocked the bot, or after four failures in a row", async () => {
    const blocked = recorded();
    blocked.answers.push(refusal(403));
    const broken = recorded();
    broken.answers.push(...Array.from({ length: 10 }, () => new Error("no network")));
    for (let index = 0; index < 60; index++) {
      blocked.pacer.show(`word ${index}`);
      broken.pacer.show(`word ${index}`);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(blocked.sent).toHaveLength(1);
    expect(broken.sent).toHaveLength(4);
  });

  test("cannot be sent after its end", async () => {
    const { pacer, sent } = recorded();
    pacer.show("a");
    await vi.advanceTimersByTimeAsync(1);
    pacer.show("b");
    await pacer.end();
    pacer.show("c");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent.map(({ content }) => content)).toEqual(["a"]);
  });
});
