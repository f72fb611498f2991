/** `npm run plan`: which machine should hold which layers of a model, how fast that is, and how far from the best at most. */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { z } from "zod";
import { drawsFrom } from "./scheduler/draws.ts";
import type { ModelWeights, Workload } from "./scheduler/plan/cost-model.ts";
import { makePlan } from "./scheduler/plan/plan.ts";
import type { Asked, Plan } from "./scheduler/plan/plan.ts";
import { planTable } from "./scheduler/plan/plan-table.ts";
import type { PlanProblem } from "./scheduler/plan/problem.ts";
import { MachinesFile, problemOf, unknownNames } from "./plan-file.ts";
import { NODES_MAX } from "./scheduler/plan/refusal.ts";

export const PLAN_HELP = `npm run plan -- --model MODEL --nodes FILE [options]: divides a model's layers among machines.

  --model MODEL            an id of the catalogue, or a JSON file with layers, layerBytes, inputBytes, outputBytes,
                           kvBytesPerTokenLayer and activationBytesPerToken
  --nodes FILE             the machines, and the links between them; - is the standard input
  --objective WHAT         throughput (default), latency or cost
  --tokens-per-s N         what must be carried at least, for latency and cost
  --ms-per-token N         what no route may exceed
  --batch N                sequences that move together; default 4
  --in-flight N            such batches on the way at once; default 4
  --context N              tokens of a sequence; default 4096
  --seed N                 the same seed gives the same plan; default 1
  --json                   prints JSON

FILE is such as this; layerMs is what one layer of this model takes there, measured. Names in links are machines or regions.
{ "machines": [
    { "id": "anna", "region": "vilnius", "freeGb": 22, "layerMs": 1.1, "upMbps": 50, "downMbps": 300 },
    { "id": "ben", "region": "vilnius", "freeGb": 11, "layerMs": 0.9, "layerMsPerToken": 0.02, "pricePerHour": "40000000" },
    { "id": "cleo", "region": "riga", "freeGb": 14, "layerMs": 1.6 } ],
  "links": [ { "from": "vilnius", "to": "riga", "oneWayMs": 6, "mbps": 200 } ] }

Ends with 0 when there is a plan, 1 when there cannot be one and why, 2 when it could not be read.`;

const Model = z.strictObject({
  layers: z.int().min(1).max(1_000),
  layerBytes: z.number().positive().max(1e13),
  inputBytes: z.number().min(0).max(1e13).default(0),
  outputBytes: z.number().min(0).max(1e13).default(0),
  kvBytesPerTokenLayer: z.number().min(0).max(1e9).default(0),
  activationBytesPerToken: z.number().positive().max(1e9),
});

const Options = z.object({
  model: z.string("--model is missing: name a model of the catalogue, or a JSON file."),
  nodes: z.string("--nodes is missing: name a JSON file with the machines; --help shows one."),
  objective: z
    .enum(["throughput", "latency", "cost"], "--objective is one of throughput, latency and cost.")
    .default("throughput"),
  "tokens-per-s": positive("--tokens-per-s").optional(),
  "ms-per-token": positive("--ms-per-token").optional(),
  batch: whole("--batch", 1_024).default(4),
  "in-flight": whole("--in-flight", 1_024).default(4),
  context: whole("--context", 10_000_000).default(4_096),
  seed: whole("--seed", 2 ** 32 - 1).default(1),
  json: z.boolean().default(false),
});

/** @returns whether there is a plan. @throws a sentence where the words or files could not be read */
export async function planCommand(words: readonly string[], say: (line: string) => void): Promise<boolean> {
  const options = readWords(words);
  if (options === null) {
    say(PLAN_HELP);
    return true;
  }
  const model = await readModel(options.model);
  const file = parse(MachinesFile, await readJson(options.nodes), options.nodes);
  // Before anything is computed for each pair of them.
  if (file.machines.length > NODES_MAX) {
    throw new Error(
      `${options.nodes} names ${file.machines.length} machines; ${NODES_MAX} are planned at once: plan each region on its own.`,
    );
  }
  const unknown = unknownNames(file);
  if (unknown.length > 0)
    throw new Error(
      `${options.nodes} has links of ${unknown.slice(0, 5).join(", ")}: no machine or region is called so.`,
    );
  const workload: Workload = { batch: options.batch, inFlight: options["in-flight"], contextTokens: options.context };
  const problem = problemOf(file, model, workload);
  const answer = makePlan(problem, askedOf(options));
  if (options.json) say(JSON.stringify(answer.kind === "plan" ? planAsJson(problem, answer) : answer, null, 2));
  else if (answer.kind === "refusal") say(answer.message);
  else for (const line of planTable(problem, answer)) say(line);
  return answer.kind === "plan";
}

function readWords(words: readonly string[]): z.infer<typeof Options> | null {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...words],
    options: {
      model: text,
      nodes: text,
      objective: text,
      "tokens-per-s": text,
      "ms-per-token": text,
      batch: text,
      "in-flight": text,
      context: text,
      seed: text,
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  return values.help ? null : parse(Options, values, "The command");
}

function askedOf(options: z.infer<typeof Options>): Asked {
  const [tokensPerS, milliseconds] = [options["tokens-per-s"], options["ms-per-token"]];
  return {
    objective: options.objective,
    ...(tokensPerS === undefined ? {} : { tokensPerS }),
    ...(milliseconds === undefined ? {} : { secondsPerTokenMax: milliseconds / 1_000 }),
    draw: drawsFrom(options.seed),
  };
}

async function readModel(name: string): Promise<ModelWeights> {
  const known = loadCatalogue().get(name);
  if (!known) return parse(Model, await readJson(name), `The model ${name}`);
  if (!known.shape) throw new Error(`${name} is served whole only: there is nothing to plan.`);
  const { layers, layerBytes, outputBytes, embeddingLength } = known.shape;
  return {
    layers,
    layerBytes: layerBytes / layers,
    // What of the file is neither layers nor output is the input's.
    inputBytes: Math.max(0, known.bytes - layerBytes - outputBytes),
    outputBytes,
    kvBytesPerTokenLayer: known.kvBytesPerToken / layers,
    // Numbers of four bytes go over the wire.
    activationBytesPerToken: 4 * embeddingLength,
  };
}

async function readJson(name: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(name === "-" ? "/dev/stdin" : name, "utf8");
  } catch (error) {
    throw new Error(`${name} cannot be read (${error instanceof Error ? error.message : String(error)}).`, {
      cause: error,
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} is not JSON (${error instanceof Error ? error.message : String(error)}).`, {
      cause: error,
    });
  }
}

function parse<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  const where = first && first.path.length > 0 ? ` at ${first.path.join(".")}` : "";
  throw new Error(`${what} is not right${where}: ${first?.message ?? "it cannot be read"}`);
}

function positive(name: string) {
  return z.coerce.number().positive(`${name} is a number above 0.`).max(1e12, `${name} is too large.`);
}

function whole(name: string, most: number) {
  return z.coerce
    .number()
    .int(`${name} is a whole number.`)
    .min(1, `${name} is 1 or more.`)
    .max(most, `${name} is at most ${most}.`);
}

function planAsJson(problem: PlanProblem, plan: Plan) {
  const { placement, groups, pricePerHour, ...rest } = plan;
  return {
    ...rest,
    pricePerHour: `${pricePerHour}`,
    machines: problem.nodes.map(({ id }, at) => ({
      id,
      from: placement[at]?.from ?? null,
      to: placement[at]?.to ?? null,
    })),
    pipelines:
      groups?.map(({ stages, ...group }) => ({
        ...group,
        machines: stages.map(({ node }) => problem.nodes[node]!.id),
      })) ?? null,
  };
}
