/**
 * `npm run eval [-- --model <id> --design agent,direct,native,native-lenient --only <id pattern> --threads 2 --show]`:
 * the everyday scenarios through a real pool and a real worker; prints a table and writes it to bench/results/eval.md.
 * `npm run eval -- first [--only <id pattern>]`: what newcomers ask first, and every suggestion of the app, asked of the
 * agent with the default model; prints each answer and its verdict and writes bench/results/first.md.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { DEFAULT_MODEL } from "@starai/protocol/catalogue";
import { satisfies } from "./check-answer.ts";
import { agentDesign } from "./design-agent.ts";
import { directDesign, nativeDesign } from "./design-plain.ts";
import type { Conversation, Design } from "./design.ts";
import { openEvalStack } from "./eval-stack.ts";
import type { EvalStack } from "./eval-stack.ts";
import { askFirst, sumUp, writeFirst } from "./first.ts";
import { FIRST_QUESTIONS } from "./first-questions.ts";
import { rowOf, mergeTable } from "./report.ts";
import type { Judged } from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: "string", default: DEFAULT_MODEL },
    design: { type: "string", default: "agent,direct,native,native-lenient" },
    only: { type: "string", default: "" },
    threads: { type: "string", default: String(Math.max(1, Math.min(4, os.availableParallelism()))) },
    show: { type: "boolean", default: false },
  },
});

const [list = "everyday", ...surplus] = positionals;
if (!["everyday", "first"].includes(list) || surplus.length > 0)
  throw new Error(`Unknown list "${positionals.join(" ")}": use everyday or first`);
const wanted = ({ id }: { id: string }) => new RegExp(values.only, "u").test(id);
const chosen = SCENARIOS.filter(wanted);
await using stack = await openEvalStack(values.model, Number(values.threads));
// The database and the worker are separate processes, which an interrupted eval must end too.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void interrupt());
if (list === "first") await runFirst();
else for (const name of values.design.split(",")) await runNamed(name);

async function runFirst(): Promise<void> {
  const answers = await askFirst((language) => agentDesign(stack.ctx, language), FIRST_QUESTIONS.filter(wanted));
  console.log(sumUp(answers));
  if (values.only === "") await writeFirst(values.model, answers);
}

async function runNamed(name: string): Promise<void> {
  const judged = await runDesign(designNamed(stack, name), chosen);
  const row = rowOf({ model: values.model, design: name, judged });
  console.log(row);
  // Written after each design: one takes half an hour, and an interrupted eval keeps its results.
  if (values.only === "") await writeResults([row]);
  for (const { scenario, talk } of judged.filter(({ right }) => !right))
    console.log(`  missed ${scenario.id}: ${talk.answer.replaceAll(/\s+/gu, " ").slice(0, 140)}`);
}
async function interrupt(): Promise<void> {
  await stack[Symbol.asyncDispose]();
  process.exit(130);
}

function designNamed({ ctx, pool }: EvalStack, name: string): (language: string) => Design {
  switch (name) {
    case "agent":
      return (language) => agentDesign(ctx, language);
    case "direct":
      return () => directDesign(pool, values.model);
    case "native":
    case "native-lenient":
      return () => nativeDesign({ ctx, pool }, values.model, name === "native-lenient");
    default:
      throw new Error(`Unknown design "${name}": use agent, direct, native or native-lenient`);
  }
}

async function runDesign(design: (language: string) => Design, scenarios: readonly Scenario[]): Promise<Judged[]> {
  // Warm-up: the first answer also includes reading the prefix that all conversations share.
  await design("en").converse(["Good day"]);
  const judged: Judged[] = [];
  for (const scenario of scenarios) {
    const began = performance.now();
    const talk = await design(scenario.language).converse(scenario.say);
    const right = judge(scenario, talk);
    judged.push({ scenario, talk, right, seconds: (performance.now() - began) / 1000 });
    if (values.show)
      console.log(
        `${right ? "right " : "missed"} ${scenario.id}: ${talk.answer.replaceAll(/\s+/gu, " ").slice(0, 160)}`,
      );
  }
  return judged;
}

function judge({ right, wrong = [] }: Scenario, { answer }: Conversation): boolean {
  return right.every((expectation) => satisfies(answer, expectation)) && !wrong.some((pattern) => pattern.test(answer));
}

async function writeResults(fresh: readonly string[]): Promise<void> {
  const file = path.join(import.meta.dirname, "../results/eval.md");
  await mkdir(path.dirname(file), { recursive: true });
  const before = await readFile(file, "utf8").catch(() => "");
  await writeFile(file, mergeTable(before, fresh));
}
