import { readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { readEquivalent, speaksOf } from "./equivalent.ts";
import { mutated, mutationsOf } from "./mutations.ts";
import { relatedTests } from "./related-tests.ts";
import { evenSample, sample } from "./sample.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** What the lines become, one mutation at a time. */
const changed = (text: string) => mutationsOf("a.ts", text).map((mutation) => mutated(text, mutation));

describe("the faults put into a file", () => {
  test("are one operator, one condition or one statement each", () => {
    expect(changed("a < b;")).toEqual(["a <= b;"]);
    expect(changed("const x = a && !b;")).toEqual(["const x = a || !b;", "const x = a && b;"]);
    expect(changed("if (late) stop();")).toEqual(["if (false) stop();", "if (late) ;"]);
    expect(changed("return a ? b : c;")).toEqual(["return !(a) ? b : c;"]);
    expect(changed("const x = a ?? 5;")).toEqual(["const x = a ?? undefined!;"]);
    expect(changed("const x = Math.min(a, 1 - b);")).toEqual([
      "const x = Math.max(a, 1 - b);",
      "const x = Math.min(a, 1 + b);",
    ]);
    expect(changed("const x = list.some(fits);")).toEqual(["const x = list.every(fits);"]);
    expect(changed("await count++;")).toEqual([";"]);
  });

  test("are one comparison, condition, sign or lock of a statement in SQL", () => {
    expect(changed("const x = `select a from t where b = $1 and c is null for no key update`;")).toEqual([
      "const x = `select a from t where b = $1 or c is null for no key update`;",
      "const x = `select a from t where b = $1 and c is not null for no key update`;",
      "const x = `select a from t where b <> $1 and c is null for no key update`;",
      "const x = `select a from t where b = $1 and c is null`;",
    ]);
    expect(changed("const x = `update t set a = a + ${b} where c > 1`;")).toEqual([
      "const x = `update t set a = a - ${b} where c > 1`;",
      "const x = `update t set a = a + ${b} where c >= 1`;",
    ]);
    expect(changed("const x = `salt and pepper`;")).toEqual([]);
  });

  test("leave types, imports, joined texts and log lines alone", () => {
    for (const text of [
      'import { a } from "b";',
      "type Live = { done: true } | false;",
      "const x: Map<string, true> = y;",
      'const x = "a" + b;',
      "const x = a.toString();",
      'this.#log.warn({ done: true }, "gone");',
    ])
      expect({ text, changed: changed(text) }).toEqual({ text, changed: [] });
  });

  test("leave a file that can still be read", () => {
    const file = "server/src/jobs/live-job.ts";
    const text = readFileSync(path.join(root, file), "utf8");
    const all = mutationsOf(file, text);
    expect(all.length).toBeGreaterThan(20);
    for (const mutation of all) {
      const { diagnostics = [] } = ts.transpileModule(mutated(text, mutation), { reportDiagnostics: true });
      expect({ mutation, diagnostics }).toEqual({ mutation, diagnostics: [] });
    }
  });
});

test("a sample is the same for the same seed, and another for another", () => {
  const items = Array.from({ length: 200 }, (_, index) => index);
  expect(sample(items, 20, 7)).toEqual(sample(items, 20, 7));
  expect(sample(items, 20, 7)).not.toEqual(sample(items, 20, 8));
  expect(sample(items, 300, 7)).toEqual(items);
});

test("an even sample takes as many of a small group as of a large one, and nothing of an empty one", () => {
  const large = Array.from({ length: 200 }, (_, index) => `large ${index}`);
  const small = Array.from({ length: 10 }, (_, index) => `small ${index}`);
  const chosen = evenSample([large, [], small], 12, 7);
  expect(chosen).toEqual([...sample(large, 6, 7), ...sample(small, 6, 7)]);
});

test("the tests of a file are those that import it, its own first, and never others", () => {
  const tests = [
    "server/src/config.test.ts",
    "server/src/jobs/submit-job.test.ts",
    "server/src/scheduler/decide.test.ts",
    "server/src/scheduler/heap.test.ts",
  ];
  expect(relatedTests(root, "server/src/scheduler/heap.ts", tests)).toEqual([
    "server/src/scheduler/heap.test.ts",
    "server/src/scheduler/decide.test.ts",
    "server/src/jobs/submit-job.test.ts",
  ]);
});

test("every mutation that cannot be seen still has its place in the sources: a stale reason explains nothing", () => {
  const stale = readEquivalent().filter((entry) => {
    const text = readFileSync(path.join(root, entry.file), "utf8");
    return !mutationsOf(entry.file, text).some((mutation) => speaksOf(entry, mutation, text));
  });
  expect(stale).toEqual([]);
});
