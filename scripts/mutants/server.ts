/**
 * `npm run test:mutants -- server [--sample N] [--seed S] [--only part-of-path] [--limit seconds]`: puts small faults, one after
 * the other, into what decides about jobs, and runs the tests nearest to it. What survives is listed; the run fails where a survivor
 * has no reason in equivalent.json. Everything found is written to mutants-server.json.
 */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import type { TestProject } from "vitest/node";
import startCluster from "../../server/src/db/test-cluster.ts";
import { copyTree } from "./copied-tree.ts";
import { readEquivalent, speaksOf } from "./equivalent.ts";
import { type Mutation, mutated, mutationsOf } from "./mutations.ts";
import { relatedTests } from "./related-tests.ts";
import { runTests } from "./run-tests.ts";
import { sample } from "./sample.ts";

const root = path.resolve(import.meta.dirname, "../..");
const SOURCES = [
  "server/src/jobs",
  "server/src/scheduler",
  "server/src/gateway",
  "server/src/sessions",
  "bot/src/updates",
];
const TESTS = ["server/src", "bot/src"];
/** A mutant is asked of the nearest tests; more than these seldom see what they did not. */
const TESTS_MAX = 6;
/** A test file that takes longer than this by itself is for people, not for hundreds of mutants. */
const FILE_MS_MAX = 60_000;
/** A mutant may make its tests this much slower before it counts as caught: a loop that does not end is seen so. */
const SLOWER = 4;

export interface Found {
  kind: "caught" | "late" | "survived" | "equivalent";
  mutation: Mutation;
  by: string | null;
}

export async function mutateServer(words: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      sample: { type: "string", default: "60" },
      seed: { type: "string", default: "1" },
      only: { type: "string", default: "" },
      limit: { type: "string", default: "90" },
    },
  });
  const [count, seed, limitMs] = [Number(values.sample), Number(values.seed), Number(values.limit) * 1_000];
  const all = sources(SOURCES, isSource).flatMap((file) => mutationsOf(file, read(file)));
  const mutations = sample(
    all.filter(({ file }) => file.includes(values.only)),
    count,
    seed,
  );
  console.log(`${mutations.length} of ${all.length} mutations, seed ${seed}`);
  const found = await runAll(mutations, limitMs);
  return report(found, { all: all.length, seed });
}

async function runAll(mutations: readonly Mutation[], limitMs: number): Promise<Found[]> {
  using copy = copyTree(root);
  let cluster: unknown = null;
  const project = { provide: (_name: string, value: unknown) => void (cluster = value) };
  const stop = await startCluster(project as unknown as TestProject);
  try {
    const asked = { folder: copy.folder, cluster };
    const tests = sources(TESTS, isTest);
    const near = new Map(mutations.map(({ file }) => [file, relatedTests(root, file, tests).slice(0, TESTS_MAX)]));
    const tookMs = await measure({ ...asked, tests: [...new Set([...near.values()].flat())] });
    const found: Found[] = [];
    for (const mutation of mutations) {
      const chosen = withinLimit(near.get(mutation.file) ?? [], tookMs, limitMs);
      found.push(await tryOne(mutation, { ...asked, ...chosen }));
      console.log(lineOf(found.at(-1)!));
    }
    return found;
  } finally {
    await stop();
  }
}

type Asked = Omit<Parameters<typeof runTests>[0], "bail">;

async function tryOne(mutation: Mutation, asked: Asked): Promise<Found> {
  const text = read(mutation.file);
  if (readEquivalent().some((entry) => speaksOf(entry, mutation, text)))
    return { kind: "equivalent", mutation, by: null };
  const file = path.join(asked.folder, mutation.file);
  writeFileSync(file, mutated(text, mutation));
  try {
    const { kind, failed } =
      asked.tests.length > 0 ? await runTests({ ...asked, bail: 1 }) : { kind: "passed", failed: null };
    return { kind: kind === "passed" ? "survived" : kind === "late" ? "late" : "caught", mutation, by: failed };
  } finally {
    writeFileSync(file, text);
  }
}

/** What each test takes without a fault. One that fails now would seem to catch everything, and is left out. */
async function measure(asked: Omit<Asked, "limitMs">): Promise<Map<string, number>> {
  const { failed, tookMs } = await runTests({ ...asked, limitMs: 30 * 60_000, bail: 0 });
  const without = asked.tests.filter((test) => !tookMs.has(test));
  if (without.length > 0) console.log(`left out, because they fail without a fault: ${without.join(", ")} (${failed})`);
  return tookMs;
}

/** The nearest tests that can be run in `limitMs`, and when a run of them is not going to end. */
function withinLimit(near: readonly string[], tookMs: ReadonlyMap<string, number>, limitMs: number) {
  const tests: string[] = [];
  let sumMs = 0;
  for (const test of near) {
    const ms = tookMs.get(test) ?? Infinity;
    if (ms > FILE_MS_MAX || sumMs + ms > limitMs) continue;
    tests.push(test);
    sumMs += ms;
  }
  return { tests, limitMs: 60_000 + SLOWER * sumMs };
}

function report(found: readonly Found[], { all, seed }: { all: number; seed: number }): boolean {
  const of = (kind: Found["kind"]) => found.filter((one) => one.kind === kind);
  const killed = of("caught").length + of("late").length;
  const tried = found.length - of("equivalent").length;
  const survived = of("survived").map(({ mutation }) => mutation);
  const result = { all, seed, tried, killed, late: of("late").length, equivalent: of("equivalent").length, survived };
  writeFileSync(path.join(root, "mutants-server.json"), `${JSON.stringify(result, null, 2)}\n`);
  for (const one of of("survived")) console.log(lineOf(one));
  console.log(`${killed} of ${tried} mutants caught, ${result.equivalent} more cannot be seen`);
  return survived.length === 0 && tried > 0;
}

function lineOf({ kind, mutation: { file, line, from, to }, by }: Found): string {
  const short = (text: string) => (text.length > 80 ? `${text.slice(0, 77)}…` : text).replace(/\s+/g, " ");
  const word = kind === "survived" ? "SURVIVED" : kind.padEnd(8);
  return `${word} ${file}:${line}: ${short(from)} → ${short(to)}${by ? ` — by "${by}"` : ""}`;
}

const isTest = (file: string) => file.endsWith(".test.ts");
const isSource = (file: string) => file.endsWith(".ts") && !isTest(file) && !/\/(test|scripted|played)-/.test(file);

function sources(folders: readonly string[], wanted: (file: string) => boolean): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).map((name) =>
        path.join(folder, name),
      ),
    )
    .filter(wanted)
    .sort();
}

function read(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}
