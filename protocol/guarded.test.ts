import { expect, test } from "vitest";
import { guarded } from "./guarded.ts";

function testLog() {
  const said: { err: unknown; message: string }[] = [];
  return { said, error: ({ err }: { err: unknown }, message: string) => void said.push({ err, message }) };
}

const fails = () => {
  throw new Error("no");
};

test("a callback that throws is logged, refused with its own arguments, and throws no further", () => {
  const log = testLog();
  const refused: string[] = [];
  const callback = guarded(
    log,
    "a frame",
    (text: string) => JSON.parse(text) as unknown,
    (text) => refused.push(text),
  );
  callback("{");
  expect(log.said).toMatchObject([
    { err: expect.any(SyntaxError) as Error, message: "a frame could not be handled and was refused" },
  ]);
  expect(refused).toEqual(["{"]);
});

test("a promise that rejects later is caught as well", async () => {
  const log = testLog();
  const refused = new Promise<void>((resolve) => {
    guarded(log, "a tick", () => Promise.reject(new Error("gone")), resolve)();
  });
  await refused;
  expect(log.said).toHaveLength(1);
});

test("a refusal that fails itself is logged, not thrown", () => {
  const log = testLog();
  guarded(log, "a frame", fails, fails)();
  expect(log.said.map(({ message }) => message)).toEqual([
    "a frame could not be handled and was refused",
    "a frame could not be refused either",
  ]);
});

test("a callback that works is not refused", () => {
  const log = testLog();
  let refused = false;
  guarded(
    log,
    "a frame",
    () => 1,
    () => (refused = true),
  )();
  expect({ refused, said: log.said }).toEqual({ refused: false, said: [] });
});
