import { expect, test } from "vitest";
import { TerminalLines } from "./terminal-lines.ts";

const poolUrl = "wss://pool.example/pool";

function terminal() {
  let text = "";
  const lines = new TerminalLines({ write: (more) => (text += more) });
  return { lines, text: () => text };
}

test("fetching, loading, measuring and joining are shown as plain lines, never as JSON", () => {
  const { lines, text } = terminal();
  lines.tell({
    state: "downloading",
    model: "m",
    doneBytes: 50,
    totalBytes: 100,
    source: "another process is fetching it",
  });
  lines.tell({ state: "loading", model: "m", done: 0.4 });
  lines.tell({ state: "measuring", model: "m" });
  lines.tell({ state: "connecting", poolUrl });
  lines.tell({ state: "connected", poolUrl });
  expect(text()).toMatch(
    /fetching m, .*: 50 %, another process is fetching it[\s\S]*loading m: 40 %[\s\S]*measuring how fast m/,
  );
  expect(text()).toMatch(/joined the pool at wss:\/\/pool\.example\/pool/);
  expect(text()).not.toContain("{");
});

test("an unreachable pool is named, with the reason and the wait until the next try", () => {
  const { lines, text } = terminal();
  const away = { state: "waiting", poolUrl, reason: "connect ECONNREFUSED", wasJoined: false } as const;
  lines.tell({ ...away, againInMs: 8_100 });
  expect(text()).toContain("I cannot reach wss://pool.example/pool (connect ECONNREFUSED), trying again in 8 s\n");
});

test("a connection that ended after the pool had welcomed the machine is not called unreachable", () => {
  const { lines, text } = terminal();
  lines.tell({ state: "waiting", poolUrl, reason: "", wasJoined: true, againInMs: 200 });
  expect(text()).toBe("· the connection to wss://pool.example/pool ended, trying again\n");
});

test("progress is rewritten on one line, and the same line is not printed twice in a row", () => {
  const { lines, text } = terminal();
  lines.tell({ state: "loading", model: "m", done: 0.1 });
  lines.tell({ state: "loading", model: "m", done: 0.9 });
  lines.say("done");
  lines.say("done");
  expect(text().split("\n")).toHaveLength(2);
  expect(text().match(/done/g)).toHaveLength(1);
});

test("a machine that waits for others, its part of a group and the reason of its end are lines", () => {
  const { lines, text } = terminal();
  const part = "layers 14–27 of m, head: brave-otter";
  lines.tell({ state: "lending", poolUrl, model: "m" });
  lines.tell({ state: "group", part, stage: { kind: "preparing", done: 0.5, words: "fetching m" } });
  lines.tell({ state: "group", part, stage: { kind: "up" } });
  lines.tell({ state: "group", part, stage: { kind: "ended", reason: "the pool restarted" } });
  expect(text()).toMatch(/m does not fit here alone: it is served together[\s\S]*fetching m: 50 %/);
  expect(text()).toContain(`· the group is up: ${part}\n· the group has ended (${part}): the pool restarted\n`);
});
