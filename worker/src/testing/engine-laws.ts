/** What holds for every driver of llama.cpp: each driver's tests run these laws on an engine of theirs. */
import type { LlamaModel, Token } from "node-llama-cpp";
import { expect, test } from "vitest";
import { EngineFailure } from "../engines/engine.ts";
import type { EngineEvent, EngineJob } from "../engines/engine.ts";
import type { LlamaEngine } from "../engines/llama/llama-engine.ts";

export const PERSON = String.raw`root ::= "{\"name\":\"" [a-z]{2,12} "\",\"age\":" [1-9] [0-9]{0,2} ",\"likes\":[\"" [a-z ]{2,20} "\"]}"`;

/** Short, so that an answer can go on after each of its tokens. */
const PET = String.raw`root ::= "{\"name\":\"" [a-z]{2,8} "\",\"age\":" [1-9] [0-9]? "}"`;

export function jobOf(question: string, over: Partial<EngineJob> = {}): EngineJob {
  return {
    turns: [{ role: "user", content: question }],
    committed: { text: "", tokens: [] },
    constraint: null,
    sampling: { temperature: 0, topP: 1, seed: 7 },
    maxTokens: 48,
    cacheKey: "test",
    ...over,
  };
}

export const constrained = (gbnf: string) => ({ constraint: { gbnf, jsonSchema: {} } });

export async function run(asked: LlamaEngine, job: EngineJob) {
  const result = { text: "", tokens: [] as number[], reason: null as string | null, texts: [] as string[] };
  for await (const event of asked.generate(job, new AbortController().signal)) {
    if (event.kind === "done") result.reason = event.reason;
    if (event.kind !== "tokens") continue;
    result.text += event.text;
    result.texts.push(event.text);
    result.tokens.push(...(event.tokens ?? []));
  }
  return result;
}

export const failureOf = async (asked: LlamaEngine, job: EngineJob) =>
  await run(asked, job).then(
    () => null,
    (error: unknown) => (error instanceof EngineFailure ? error.code : error),
  );

export interface Subject {
  engine: () => LlamaEngine;
  /** The model's vocabulary alone, as the server uses it to check a worker's ids. */
  vocabulary: () => LlamaModel;
  /** An answer is continued after every n-th token: a model that is slow here cannot try each. */
  everyToken: number;
}

export function engineLaws({ engine, vocabulary, everyToken }: Subject): void {
  test("an answer comes as text with its ids and ends by itself", async () => {
    const { text, tokens, reason } = await run(engine(), jobOf("What is the capital of France?"));
    expect(text).toContain("Paris");
    expect(tokens.length).toBeGreaterThan(3);
    expect(reason).toBe("stop");
  });

  test("an answer that reaches its limit ends with `length` and has exactly that many tokens", async () => {
    const { tokens, reason } = await run(engine(), jobOf("Tell me a long story.", { maxTokens: 9 }));
    expect(tokens).toHaveLength(9);
    expect(reason).toBe("length");
  });

  test("the same seed at a temperature gives the same answer", async () => {
    const sampling = { temperature: 1, topP: 0.95, seed: 42 };
    const [one, two] = [
      await run(engine(), jobOf("Name an animal.", { sampling })),
      await run(engine(), jobOf("Name an animal.", { sampling })),
    ];
    expect(one.text).toBe(two.text);
  });

  test("output under a grammar always matches it", async () => {
    const { text, reason } = await run(engine(), jobOf("Tell me about Anna.", constrained(PERSON)));
    expect(Object.keys(JSON.parse(text) as object)).toEqual(["name", "age", "likes"]);
    expect(reason).toBe("stop");
  });

  test("an answer under a grammar goes on after its tokens, changes none of them and stays whole", async () => {
    const sampling = { temperature: 0.8, topP: 1, seed: 3 };
    const job = jobOf("Name a pet.", { ...constrained(PET), sampling });
    const whole = await run(engine(), job);
    for (let cut = 0; cut <= whole.tokens.length; cut += everyToken) {
      const tokens = whole.tokens.slice(0, cut);
      const text = vocabulary().detokenize(tokens as Token[]);
      const rest = await run(engine(), { ...job, committed: { tokens, text } });
      expect(JSON.parse(text + rest.text)).toHaveProperty("age", expect.any(Number));
      expect(vocabulary().detokenize([...tokens, ...rest.tokens] as Token[])).toBe(text + rest.text);
      expect(rest.reason).toBe("stop");
    }
  });

  test("an answer in letters of several tokens goes on after each letter, and is refused inside of one", async () => {
    const sampling = { temperature: 1, topP: 1, seed: 5 };
    const job = jobOf("Write hieroglyphs.", { ...constrained('root ::= "<" [𓀀-𓐮]{4} ">"'), sampling });
    const whole = await run(engine(), job);
    const outcomes = { after: [] as string[], inside: [] as unknown[] };
    for (let cut = 0; cut <= whole.tokens.length; cut++) {
      const tokens = whole.tokens.slice(0, cut);
      const decoded = vocabulary().detokenize(tokens as Token[]);
      const text = decoded.replaceAll("\uFFFD", "");
      const rest = { ...job, committed: { tokens, text } };
      if (text !== decoded) outcomes.inside.push(await failureOf(engine(), rest));
      else outcomes.after.push(text + (await run(engine(), rest)).text);
    }
    for (const text of outcomes.after) expect(text).toMatch(/^<[\u{13000}-\u{1342E}]{4}>$/u);
    expect(new Set(outcomes.inside)).toEqual(new Set(["constraint_refused"]));
  });

  test("an answer committed as text without ids goes on, too", async () => {
    const committed = { text: '{"name":"anna","age":4', tokens: null };
    const { text } = await run(engine(), jobOf("Tell me about Anna.", { ...constrained(PERSON), committed }));
    expect(JSON.parse(committed.text + text)).toMatchObject({ name: "anna" });
  });

  test("an invalid grammar, or a committed part that breaks a grammar, is rejected", async () => {
    expect(await failureOf(engine(), jobOf("Hi", constrained("root ::= (")))).toBe("constraint_refused");
    const committed = { text: "no json at all", tokens: null };
    expect(await failureOf(engine(), jobOf("Hi", { ...constrained(PERSON), committed }))).toBe("constraint_refused");
  });

  test("two jobs run at the same time", async () => {
    const order: string[] = [];
    const tell = async (name: string, question: string) => {
      for await (const event of engine().generate(jobOf(question), new AbortController().signal)) {
        if (event.kind === "tokens") order.push(name);
      }
    };
    await Promise.all([tell("cat", "Tell me about cats."), tell("dog", "Tell me about dogs.")]);
    expect(order.indexOf("dog")).toBeLessThan(order.lastIndexOf("cat"));
    expect(order.indexOf("cat")).toBeLessThan(order.lastIndexOf("dog"));
  });

  test("a cancelled job ends at once without another event, and its slot is free again", async () => {
    const cancel = new AbortController();
    const seen: EngineEvent[] = [];
    for await (const event of engine().generate(jobOf("Count to a thousand.", { maxTokens: 1_500 }), cancel.signal)) {
      seen.push(event);
      if (event.kind === "tokens" && seen.length > 5) cancel.abort();
    }
    expect(seen.some((event) => event.kind === "done")).toBe(false);
    expect(seen.filter((event) => event.kind === "tokens").length).toBeLessThan(20);
    expect((await run(engine(), jobOf("What is the capital of France?"))).text).toContain("Paris");
  });

  test("a prompt that does not fit is refused as too long", async () => {
    expect(await failureOf(engine(), jobOf("word ".repeat(3_000)))).toBe("context_overflow");
  });

  test("frames never cut a character, and joined they equal the decoded ids", async () => {
    const characters = String.raw`root ::= [Ѐ-ӿ😀-🙏 ]{20,40}`;
    for (const seed of [1, 2, 3]) {
      const sampling = { temperature: 1.5, topP: 1, seed };
      const job = jobOf("Ответь по-русски, с эмодзи.", { ...constrained(characters), sampling, maxTokens: 100 });
      const { text, texts, tokens } = await run(engine(), job);
      expect(text).toMatch(/[Ѐ-ӿ\u{1F600}-\u{1F64F}]/u);
      for (const part of texts) expect(part).not.toContain("\uFFFD");
      expect(text).toBe(vocabulary().detokenize(tokens as Token[]));
    }
  });

  test("a killed child fails its jobs as crashed and restarts for the next", async () => {
    const failure = failureOf(engine(), jobOf("Count to a thousand.", { maxTokens: 1_500 }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.kill(engine().pid ?? 0, "SIGKILL");
    expect(await failure).toBe("engine_crashed");
    expect((await run(engine(), jobOf("What is the capital of France?"))).text).toContain("Paris");
  }, 30_000);
}

/** Fills every slot to its last token at once; how each answer ended, and with how many tokens. */
export async function fillEverySlot(opened: LlamaEngine): Promise<{ reason: string | null; count: number }[]> {
  const endless = jobOf("Write.", { ...constrained("root ::= [a-z ]{1000}"), maxTokens: 1_000 });
  const answers = Array.from({ length: opened.served.slots }, async () => await run(opened, endless));
  return (await Promise.all(answers)).map(({ reason, tokens }) => ({ reason, count: tokens.length }));
}
