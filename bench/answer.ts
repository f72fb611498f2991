/** Measures how long a person waits for an answer, and the token rate of the whole stack against the bare engine. */
import { spawn } from "node:child_process";
import { mkdtemp, rm, chmod } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { DEFAULT_MODEL } from "@starai/protocol/catalogue";
import { Stack } from "@starai/sandbox/stack-process";
import type { StackOptions } from "@starai/sandbox/stack-process";
import OpenAI from "openai";
import { median } from "./median.ts";

const ROUNDS = 5;
const TOKENS = 128;
export const STORY = "Tell me a long story about a lighthouse keeper and a whale.";
/** Different each round, so that no answer comes from a warm copy of the same conversation. */
const QUESTIONS = {
  "small talk": (round: number) =>
    ["Hi there!", "Hello!", "Good morning!", "Hey, how are you?", "Hi! Nice to meet you."][round] ?? "Hi",
  "a fact": (round: number) => `What is the capital of ${["France", "Japan", "Italy", "Egypt", "Norway"][round]}?`,
  "one sum (two steps)": (round: number) => `What is ${17 + round}*${23 + round}?`,
};

export async function measureAnswers(): Promise<string[]> {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-bench-"));
  await chmod(home, 0o755);
  const threads = os.cpus().length;
  const model = process.env.STARAI_MODEL ?? DEFAULT_MODEL;
  const options = { home, model, threads };
  try {
    const rows = [`Model ${model}, ${threads} threads.`, "", "| what | median | all |", "|---|---|---|"];
    rows.push(...(await measureWarm(options)), ...(await measureStarts(options)));
    return rows;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** A stack that has been answering for a while. */
async function measureWarm(options: StackOptions & { threads: number }): Promise<string[]> {
  const { model, threads } = options;
  await using stack = await Stack.open(options);
  const rows: string[] = [];
  await ask(stack, 1, "Hello"); // The first answer also pays for reading the agent's examples.
  let user = 100;
  for (const [kind, question] of Object.entries(QUESTIONS)) {
    const seconds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) seconds.push(await ask(stack, user++, question(round)));
    rows.push(rowOf(`bot: ${kind}, new chat`, seconds));
  }
  const { pool, bare } = await tokensPerSecond(stack, model, threads);
  const ratio = median(pool.rates.map((rate, i) => rate / (bare[i] ?? rate)));
  rows.push(
    `| /v1: time to first token | ${median(pool.firstMs).toFixed(0)} ms | ${pool.firstMs.map((ms) => ms.toFixed(0)).join(" · ")} |`,
    `| /v1: tokens per second, end to end | ${median(pool.rates).toFixed(1)} | ${pool.rates.map((r) => r.toFixed(1)).join(" · ")} |`,
    `| bare engine, same file and threads, tokens per second | ${median(bare).toFixed(1)} | ${bare.map((r) => r.toFixed(1)).join(" · ")} |`,
    `| ratio, pair by pair | ${ratio.toFixed(2)} | |`,
  );
  return rows;
}

/** Measures the cost of a start for the first person: the first answer after it and the second, in separate chats. */
async function measureStarts(options: StackOptions): Promise<string[]> {
  const [first, second]: [number[], number[]] = [[], []];
  for (let start = 0; start < ROUNDS; start++) {
    await using stack = await Stack.open(options);
    const user = 1_000 + 10 * start;
    first.push(await ask(stack, user, QUESTIONS["a fact"](start)));
    second.push(await ask(stack, user + 1, QUESTIONS["a fact"]((start + 1) % ROUNDS)));
  }
  const ratio = median(first) / median(second);
  return [
    rowOf("bot: a fact, first answer after a start", first),
    rowOf("bot: a fact, second answer after a start", second),
    `| first ÷ second, of the medians | ${ratio.toFixed(2)} | |`,
  ];
}

function rowOf(what: string, seconds: number[]): string {
  return `| ${what} | ${median(seconds).toFixed(1)} s | ${seconds.map((s) => s.toFixed(1)).join(" · ")} |`;
}

/** Seconds from sending a message until its whole answer is in the chat. */
async function ask(stack: Stack, user: number, text: string): Promise<number> {
  const began = performance.now();
  await stack.write(user, text);
  await stack.until(`an answer to ${text}`, 180_000, async () => {
    const { messages, draft } = await stack.transcript(user);
    return draft === null && messages.some((message) => message.from === "bot");
  });
  return (performance.now() - began) / 1000;
}

async function tokensPerSecond(stack: Stack, model: string, threads: number) {
  const pool = { rates: [] as number[], firstMs: [] as number[] };
  const bare: number[] = [];
  const client = new OpenAI({ apiKey: stack.apiKey, baseURL: `${stack.url}/v1` });
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    let first = 0;
    let tokens = 0;
    const stream = await client.chat.completions.create({
      model,
      messages: [{ role: "user", content: `${STORY} (${round})` }],
      max_tokens: TOKENS,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) {
      if (first === 0 && chunk.choices[0]?.delta.content) first = performance.now();
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    pool.firstMs.push(first - began);
    pool.rates.push((tokens - 1) / ((performance.now() - first) / 1000));
    bare.push(await bareEngine(model, threads, `${STORY} (${round})`));
  }
  return { pool, bare };
}

/** Tokens per second of the engine alone, in a process of its own. */
function bareEngine(model: string, threads: number, prompt: string): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      "--import",
      "tsx",
      path.join(import.meta.dirname, "bare-engine.ts"),
      model,
      String(threads),
      String(TOKENS),
      prompt,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("exit", (code) =>
      code === 0 ? resolve(Number(out)) : reject(new Error(`the bare engine ended with ${code}`)),
    );
  });
}
