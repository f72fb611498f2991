import { pino } from "pino";
import { expect, test } from "vitest";
import { Events } from "../events/events.ts";
import { Health } from "../health.ts";
import { repeat, unlessStopped } from "./repeat.ts";

const HOUR_MS = 3_600_000;

/** Counts the lines that people would read. */
function heard() {
  const lines: string[] = [];
  const log = pino(
    { level: "info" },
    { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) },
  );
  return { lines, ctx: { log, health: new Health(new Events(log)) } };
}

test("work is done at once when somebody waits for it, however long its pause is", async () => {
  const { ctx, lines } = heard();
  let done = 0;
  const work = repeat(ctx, { what: "it is read", everyMs: HOUR_MS }, async () => void done++);
  await expect.poll(() => done).toBe(1);
  work.poke();
  await expect.poll(() => done, { timeout: 10_000 }).toBe(2);
  await work.stop();
  expect(lines).toEqual([]);
});

test("an outage is told once, and its end; a stop ends it, too", async () => {
  const { ctx, lines } = heard();
  let tries = 0;
  const work = repeat(ctx, { what: "it is read", everyMs: 1 }, async () => {
    if (++tries < 3) throw new Error("down");
  });
  await expect.poll(() => tries, { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
  await work.stop();
  expect(lines).toEqual([expect.stringContaining("it failed that it is read"), "it is read again"]);
}, 60_000);

test("a stop does not wait for an endpoint that does not answer", async () => {
  const { ctx, lines } = heard();
  const work = repeat(ctx, { what: "it is read", everyMs: HOUR_MS }, (signal) =>
    unlessStopped(signal, new Promise<void>(() => undefined)),
  );
  await work.stop();
  expect(lines).toEqual([]);
});
