import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { drawFrame, wrap } from "./frame.ts";
import type { ViewState } from "./frame.ts";
import { LiveView } from "./live-view.ts";

const state: ViewState = {
  doing: "in the pool; answers are computed here as they come",
  tokensPerS: 31.25,
  running: 2,
  jobs: 14,
  temperatureC: 61,
  earned: { coin: 4_100_000n, stars: 0n, notes: 13 },
  forMs: 3_720_000,
  group: null,
  standing: ["this machine is Anna's, and its pay goes to the wallet 0:ababab…bababa"],
  pairing: [],
  events: ["12:01 joined the pool at wss://pool.example/pool"],
};
const noControls = (line: string) => line.replaceAll(/\p{Cc}\[\d+m/gu, "");

test("shows speed, jobs, earnings and what happened", () => {
  const text = drawFrame(state, { columns: 100, rows: 24, colour: false }).join("\n");
  expect(text).toContain("31.3 tokens/s, 2 jobs running");
  expect(text).toContain("14 jobs, 61 °C");
  expect(text).toContain("0.0041 coins for 13 paid jobs in this run");
  expect(text).toContain("12:01 joined the pool");
  expect(text).toContain("1 h 2 min");
});

test("has no colours where nobody wants any", () => {
  expect(drawFrame(state, { columns: 60, rows: 24, colour: false }).join("")).not.toContain("\x1b");
  expect(drawFrame(state, { columns: 60, rows: 24, colour: true }).join("")).toContain("\x1b[1m");
});

test("fits every screen: no line is wider and no picture is higher", () => {
  const words = fc.string({ maxLength: 200 });
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 200 }),
      fc.integer({ min: 2, max: 60 }),
      fc.array(words, { maxLength: 30 }),
      words,
      (columns, rows, events, doing) => {
        const lines = drawFrame(
          { ...state, events, doing, pairing: events.slice(0, 2) },
          { columns, rows, colour: true },
        );
        expect(lines.length).toBeLessThan(rows);
        for (const line of lines) expect(Array.from(noControls(line)).length).toBeLessThanOrEqual(columns);
      },
    ),
    { numRuns: 50 },
  );
});

test("a link that is longer than the screen keeps every character", () => {
  const link = `https://t.me/starai_bot?startapp=pair_${"x".repeat(80)}`;
  expect(wrap(`or open ${link}`, 60).join("").replaceAll(" ", "")).toBe(`oropen${link}`);
});

let written: string[];
let now: number;
const view = () =>
  new LiveView({ write: (text) => written.push(text), columns: 60, rows: 20 }, { colour: false, now: () => now });

beforeEach(() => {
  vi.useFakeTimers();
  [written, now] = [[], 0];
});
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => {
  now += ms;
  vi.advanceTimersByTime(ms);
};

test("is drawn twice a second at most, in place, and without clearing the screen first", () => {
  const live = view();
  const before = written.length;
  for (let tokens = 0; tokens < 1_000; tokens++) {
    live.pulse({ running: 1, begun: 1, tokens, temperatureC: null });
    pass(2);
  }
  const frames = written.slice(before);
  expect(frames.length).toBeLessThanOrEqual(5);
  for (const frame of frames) expect(frame.startsWith("\x1b[H")).toBe(true);
  expect(frames.join("")).not.toContain("\x1b[2J");
  live.close();
});

test("counts credit notes, and shows a code until somebody used it", () => {
  const live = view();
  const note = {
    version: 1,
    server: "s",
    worker: "ab".repeat(32),
    number: 1,
    job: crypto.randomUUID(),
    total: "5",
  } as const;
  live.hear({ kind: "credited", note: { ...note, asset: "coin", amount: "5000000", at: new Date().toISOString() } });
  live.hear({
    kind: "pairing",
    pairing: { code: "AB12-CD34", link: null, expiresAt: new Date(Date.now() + 60_000).toISOString() },
  });
  pass(600);
  expect(written.join("")).toContain("0.005 coins for 1 paid job in this run");
  expect(written.join("")).toContain("AB12-CD34");
  written = [];
  const standing = { owner: { name: "Anna\u001b[2J", wallet: null }, stake: "0", isPaid: false, heldUntilEpoch: null };
  live.hear({ kind: "standing", standing, before: { ...standing, owner: null } });
  pass(600);
  expect(written.join("")).not.toContain("AB12-CD34");
  expect(written.join("")).toContain("this machine is now Anna[2J's");
  live.close();
});

test("a code that is no longer good is not shown any more", () => {
  const live = view();
  live.hear({
    kind: "pairing",
    pairing: { code: "AB12-CD34", link: null, expiresAt: new Date(Date.now() + 1_000).toISOString() },
  });
  pass(2_000);
  written = [];
  live.pulse({ running: 0, begun: 1, tokens: 0, temperatureC: null });
  pass(600);
  expect(written.join("")).toContain("p shows a new one");
  expect(written.join("")).not.toContain("AB12");
  live.close();
});

/** The last picture, with its lines' ends. */
const shown = () => (written.at(-1) ?? "").replaceAll("\x1b[K\r\n", "\n").replaceAll(/\n +/g, " ");

test("its part of a group has a line while it has one, and the reason of its end is among what happened", () => {
  const live = view();
  const part = "layers 14–27 of m, head: brave-otter";
  live.tell({ state: "lending", poolUrl: "wss://p/pool", model: "m" });
  live.tell({ state: "group", part, stage: { kind: "preparing", done: 0.25, words: "fetching m, 2 minutes left" } });
  pass(600);
  expect(shown()).toContain(`group     ${part}; fetching m, 2 minutes left: 25 %`);
  expect(shown()).toContain("m does not fit here alone");
  live.tell({ state: "group", part, stage: { kind: "ended", reason: "the connection to calm-fox was lost" } });
  pass(600);
  expect(shown()).not.toContain("group     ");
  expect(shown()).toContain("the connection to calm-fox was lost");
  live.close();
});

test("a pool that stays away is told once, and each further try only where it says what goes on", () => {
  const live = view();
  const away = { state: "waiting", poolUrl: "wss://p/pool", reason: "", wasJoined: false } as const;
  for (const againInMs of [1_000, 3_000, 9_000]) live.tell({ ...away, againInMs });
  pass(600);
  const last = written.at(-1) ?? "";
  expect(last.match(/I cannot reach/g)).toHaveLength(2);
  expect(last).toContain("trying again in 9 s");
  live.close();
});

test("gives the terminal its own screen back, with the last words on it, and draws nothing more", () => {
  const live = view();
  live.say("the pool is away");
  live.close();
  expect(written.slice(-2)[0]).toBe("\x1b[?7h\x1b[?25h\x1b[?1049l");
  expect(written.at(-1)).toMatch(/the pool is away\n$/);
  const after = written.length;
  live.close();
  expect(written).toHaveLength(after);
  live.pulse({ running: 0, begun: 0, tokens: 0, temperatureC: null });
  pass(2_000);
  expect(written).toHaveLength(after);
});
