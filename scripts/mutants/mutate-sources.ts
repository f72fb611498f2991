/**
 * `npm run test:mutants -- server|ledger|prices [--sample N] [--seed S] [--only part-of-path,…] [--limit seconds]`: puts small
 * faults, one after the other, into a set of sources and runs the tests nearest to each. What survives is listed; the run fails
 * where a survivor has no reason in equivalent.json. Everything found is written to mutants-<set>.json.
 */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import type { TestProject } from "vitest/node";
import startCluster from "../../server/src/testing/cluster.ts";
import { copyTree } from "./copied-tree.ts";
import { readEquivalent, speaksOf } from "./equivalent.ts";
import { mutated, mutationsOf } from "./mutations.ts";
import type { Mutation } from "./mutations.ts";
import { relatedTests } from "./related-tests.ts";
import { runTests } from "./run-tests.ts";
import type { Asked, TestRun } from "./run-tests.ts";
import { evenSample } from "./sample.ts";

const root = path.resolve(import.meta.dirname, "../..");
/** Folders and files. */
const SOURCES = {
  /** What decides about jobs. */
  server: ["server/src/jobs", "server/src/scheduler", "server/src/gateway", "server/src/sessions", "bot/src/updates"],
  /** What decides about money that moves, and its SQL. */
  ledger: [
    "server/src/ledger/rules",
    "server/src/ledger/lock-books.ts",
    "server/src/ledger/write-changes.ts",
    "server/src/ledger/statements.ts",
  ],
  /** What an answer costs, and who gets it. */
  prices: ["server/src/prices"],
} as const;
type SourceSet = keyof typeof SOURCES;

const TESTS = ["server/src", "bot/src"];
/** A mutant is asked of the nearest tests; more than these seldom see what they did not. */
const TESTS_MAX = 8;

export interface Found {
  kind: "caught" | "late" | "survived" | "equivalent" | "untried";
  mutation: Mutation;
  by: string | null;
}

export async function mutateSources(set: SourceSet, words: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      sample: { type: "string", default: "60" },
      seed: { type: "string", default: "1" },
      only: { type: "string", default: "" },
      limit: { type: "string", default: "180" },
    },
  });
  const [count, seed, limitMs] = [Number(values.sample), Number(values.seed), Number(values.limit) * 1_000];
  const all = sources(SOURCES[set], isSource).flatMap((file) => mutationsOf(file, read(file)));
  const wanted = all.filter(({ file }) => values.only.split(",").some((part) => file.includes(part)));
  const groups = SOURCES[set].map((source) => wanted.filter(({ file }) => `${file}/`.startsWith(`${source}/`)));
  const mutations = evenSample(groups, count, seed);
  console.log(`${mutations.length} of ${all.length} mutations, seed ${seed}`);
  const found = await runAll(mutations, limitMs);
  return report(found, { set, all: all.length, seed });
}

async function runAll(mutations: readonly Mutation[], limitMs: number): Promise<Found[]> {
  using copy = copyTree(root);
  let cluster: unknown = null;
  const project = { provide: (_name: string, value: unknown) => void (cluster = value) };
  const stop = await startCluster(project as unknown as TestProject);
  try {
    const control = new Control({ folder: copy.folder, cluster, limitMs });
    const tests = sources(TESTS, isTest);
    const found: Found[] = [];
    // Ctrl-C: the mutant at work is finished, and what was found is told.
    const stopping = new AbortController();
    process.once("SIGINT", () => stopping.abort());
    for (const mutation of mutations) {
      if (stopping.signal.aborted) break;
      const near = relatedTests(root, mutation.file, tests).slice(0, TESTS_MAX);
      found.push(await tryOne(mutation, { near, control }));
      console.log(lineOf(found.at(-1)!));
    }
    return found;
  } finally {
    await stop();
  }
}

/** Runs tests, and knows which of them pass where there is no fault: one that fails anyway would seem to catch everything. */
class Control {
  readonly #asked: Omit<Asked, "tests">;
  readonly #sound = new Map<string, boolean>();

  constructor(asked: Omit<Asked, "tests">) {
    this.#asked = asked;
  }

  get folder(): string {
    return this.#asked.folder;
  }

  run(tests: readonly string[]): Promise<TestRun> {
    return runTests({ ...this.#asked, tests });
  }

  mayJudge(tests: readonly string[]): readonly string[] {
    return tests.filter((test) => this.#sound.get(test) !== false);
  }

  /** Whether these tests pass in time without a fault. Asked once of each set of them. */
  async areSound(tests: readonly string[]): Promise<boolean> {
    if (tests.every((test) => this.#sound.get(test) === true)) return true;
    const { kind } = await this.run(tests);
    for (const test of tests) if (kind === "passed" || tests.length === 1) this.#sound.set(test, kind === "passed");
    return kind === "passed";
  }
}

async function tryOne(
  mutation: Mutation,
  { near, control }: { near: readonly string[]; control: Control },
): Promise<Found> {
  const file = path.join(control.folder, mutation.file);
  const text = readFileSync(file, "utf8");
  if (readEquivalent().some((entry) => speaksOf(entry, mutation, text)))
    return { kind: "equivalent", mutation, by: null };
  // Once more without the tests that turn out to fail anyway.
  for (let tests = control.mayJudge(near); tests.length > 0; tests = control.mayJudge(tests)) {
    writeFileSync(file, mutated(text, mutation));
    const run = await control.run(tests);
    writeFileSync(file, text);
    if (run.kind === "passed") return { kind: "survived", mutation, by: null };
    if (run.kind === "failed" && (await control.areSound([run.file])))
      return { kind: "caught", mutation, by: run.test };
    if (run.kind === "late") return { kind: (await control.areSound(tests)) ? "late" : "untried", mutation, by: null };
  }
  return { kind: near.length === 0 ? "survived" : "untried", mutation, by: null };
}

function report(found: readonly Found[], { set, all, seed }: { set: SourceSet; all: number; seed: number }): boolean {
  const of = (kind: Found["kind"]) => found.filter((one) => one.kind === kind);
  const killed = of("caught").length + of("late").length;
  const tried = found.length - of("equivalent").length - of("untried").length;
  const survived = of("survived").map(({ mutation }) => mutation);
  const counts = { late: of("late").length, equivalent: of("equivalent").length, untried: of("untried").length };
  const result = { all, seed, tried, killed, ...counts, survived };
  writeFileSync(path.join(root, `mutants-${set}.json`), `${JSON.stringify(result, null, 2)}\n`);
  for (const one of of("survived")) console.log(lineOf(one));
  console.log(
    `${killed} of ${tried} mutants caught; ${counts.equivalent} more cannot be seen, ${counts.untried} took too long`,
  );
  return survived.length === 0 && tried > 0;
}

function lineOf({ kind, mutation: { file, line, from, to }, by }: Found): string {
  const word = kind === "survived" ? "SURVIVED" : kind.padEnd(8);
  return `${word} ${file}:${line}: ${short(from)} → ${short(to)}${by ? ` — by "${by}"` : ""}`;
}

const short = (text: string) => (text.length > 80 ? `${text.slice(0, 77)}…` : text).replace(/\s+/g, " ");
const isTest = (file: string) => file.endsWith(".test.ts");
const isSource = (file: string) => file.endsWith(".ts") && !isTest(file) && !file.includes("/testing/");

function sources(places: readonly string[], wanted: (file: string) => boolean): string[] {
  return places
    .flatMap((place) => {
      if (place.endsWith(".ts")) return [place];
      const names = readdirSync(path.join(root, place), { recursive: true, encoding: "utf8" });
      return names.map((name) => path.join(place, name));
    })
    .filter(wanted)
    .sort();
}

function read(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}
