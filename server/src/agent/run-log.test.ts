import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { RunEvent } from "@starai/protocol/runs";
import { LiveRun } from "./live-run.ts";

const run = () =>
  new LiveRun(
    {
      id: crypto.randomUUID(),
      thread: crypto.randomUUID(),
      status: "running",
      phase: { kind: "reading" },
      steps: [],
      thought: "",
      answer: "",
      outcome: null,
    },
    "life1",
  );

const end = (answer: string): RunEvent => ({ type: "end", outcome: { kind: "answered" }, answer });

/** What a reader has on its screen after these events. */
function shown(events: readonly RunEvent[]): string {
  return events.reduce(
    (text, event) =>
      event.type === "snapshot" ? event.run.answer : event.type === "answer" ? text + event.delta : text,
    "",
  );
}

test("readers that come, go and come back at any moment and pace all see the same words", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.string({ minLength: 1, maxLength: 4 }), fc.constant(null)), { maxLength: 40 }),
      fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 40 }),
      async (deltas, reads) => {
        const live = run();
        const seen: RunEvent[] = [];
        let last: string | undefined;
        const read = async (count: number) => {
          const events = live.events(last)[Symbol.asyncIterator]();
          for (let n = 0; n < count; n++) {
            const next = await events.next();
            if (next.done === true) break;
            last = next.value.id;
            seen.push(next.value.event);
          }
          await events.return(undefined);
        };
        for (const [at, delta] of deltas.entries()) {
          live.emit(
            delta === null
              ? { type: "phase", phase: { kind: "queued", position: at, etaMs: null } }
              : { type: "answer", delta },
          );
          // A reader that waits for an event still to come would hang here.
          if ((reads[at] ?? 0) > 3) await read(1);
        }
        const whole = deltas.join("");
        live.emit(end(whole));
        await read(1_000);
        expect(shown(seen)).toBe(whole);
        expect(seen.at(-1)).toEqual(end(whole));
      },
    ),
    { numRuns: 60 },
  );
});

test("a reader with an event id from before a restart starts with a snapshot", async () => {
  const live = run();
  live.emit({ type: "answer", delta: "Hello" });
  const first = await live.events("life0.1")[Symbol.asyncIterator]().next();
  expect(first.value).toMatchObject({ event: { type: "snapshot", run: { answer: "Hello" } } });
});

test("a reader too far behind gets a snapshot, not an endless memory", async () => {
  const live = run();
  const slow = live.events()[Symbol.asyncIterator]();
  await slow.next();
  for (let n = 0; n < 5_000; n++) {
    live.emit({ type: "thought", delta: "." });
    live.emit({ type: "answer", delta: "x" });
  }
  const next = await slow.next();
  expect(next.value).toMatchObject({ event: { type: "snapshot", run: { answer: "x".repeat(5_000) } } });
});
