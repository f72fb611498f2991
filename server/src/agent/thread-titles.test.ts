/** Titles of conversations through the real application; only the model's output is scripted. */
import { beforeEach, afterEach, describe, expect, test } from "vitest";
import { Refusal } from "../errors.ts";
import { answerOf } from "../client.ts";
import { openTestApp } from "../testing/app.ts";
import type { TestApp } from "../testing/app.ts";
import { botOf, newPerson } from "../testing/person.ts";
import type { TestPerson } from "../testing/person.ts";
import { Gate, answers } from "../testing/scripted-thinking.ts";

const isNaming = ([first = ""]: string[]) => first.startsWith("You write titles");

let stack: TestApp;
let ann: TestPerson;
/** The prompts of all title jobs. */
let asked: string[][];
let name: (turns: string[]) => AsyncIterable<string>;

beforeEach(async () => {
  stack = await openTestApp({ STARAI_TITLES: "on" });
  stack.join(stack.ctx.config.defaultModel, 60);
  ann = await newPerson(stack);
  asked = [];
  name = () => titled("Weekend in Rome");
  stack.thinking.script = ({ question, turns }) => {
    if (!isNaming(turns)) return answers(`You said: ${question}`);
    asked.push(turns);
    return name(turns);
  };
});
afterEach(() => stack[Symbol.asyncDispose]());

async function* titled(title: string) {
  yield JSON.stringify({ title });
}

const titleOf = async (thread: string) => (await ann.read(thread)).title;
const becomes = (thread: string, title: string) => expect.poll(() => titleOf(thread)).toBe(title);
/** Waits for another person's answer and a title job: any title job due before has been submitted by then. */
const settled = async () => {
  const other = await newPerson(stack);
  await other.talk("something else");
  await expect.poll(() => asked.length).toBeGreaterThan(0);
};

describe("a conversation", () => {
  test("is named by the model once, after its first answer, and every window of its person is notified", async () => {
    const { thread } = await ann.talk("Plan two days in Rome, please");
    await becomes(thread, "Weekend in Rome");
    const second = await ann.send(thread, "And a third day?");
    await stack.ended(second.run);
    await settled();
    expect(await titleOf(thread)).toBe("Weekend in Rome");
    const ofThis = ["Plan two days in Rome, please", "And a third day?"];
    expect(asked.filter((turns) => ofThis.includes(turns.at(-1) ?? ""))).toHaveLength(1);
    expect((await ann.list({ q: "weekend" })).threads.map(({ id }) => id)).toEqual([thread]);
  });

  test("is named from the beginning of a long question only, and from nothing else of its person", async () => {
    stack.thinking.script = ({ turns }) => {
      if (!isNaming(turns)) return answers("Вот план.");
      asked.push(turns);
      return name(turns);
    };
    await answerOf(() => ann.my.about.$put({ json: { text: "I am a nurse", persona: "teacher" } }));
    const { thread } = await ann.talk(`Спланируй два дня в Риме ${"и ".repeat(3_000)}`);
    await becomes(thread, "Weekend in Rome");
    expect(asked[0]?.at(-1)).toMatch(/^Спланируй два дня в Риме [^]{200,300}…$/);
    expect(asked[0]?.join("\n")).not.toMatch(/nurse|Style|teacher/);
  });

  test("begun in the bot is named too; a group's is not", async () => {
    const own = await ann.write("Plan two days in Rome");
    await stack.ended(own.run);
    await becomes(own.thread, "Weekend in Rome");
    const group = await ann.write("Plan two days in Oslo", "telegram:-100500");
    await stack.ended(group.run);
    await settled();
    expect(asked.flat().filter((turn) => turn.includes("Oslo"))).toEqual([]);
  });

  test("keeps the name a person gave it, before the model's came or after", async () => {
    const gate = new Gate();
    name = async function* () {
      await gate.opened;
      yield* titled("Too late");
    };
    const { thread } = await ann.talk("Plan two days in Rome");
    await expect.poll(() => asked.length).toBe(1);
    await ann.change(thread, { title: "My holiday" });
    gate.open();
    await ann.send(thread, "more").then(({ run }) => stack.ended(run));
    name = () => titled("Also too late");
    await settled();
    expect(await titleOf(thread)).toBe("My holiday");
  });

  test("whose first question is asked otherwise gets a name for the new one", async () => {
    const { thread, asked: questions } = await ann.talk("Plan two days in Rome");
    await becomes(thread, "Weekend in Rome");
    name = () => titled("Weekend in Oslo");
    const edited = await ann.send(thread, "Plan two days in Oslo", { edits: questions[0]?.message ?? "" });
    expect(await titleOf(thread)).toBe("Plan two days in Oslo");
    await stack.ended(edited.run);
    await becomes(thread, "Weekend in Oslo");
  });
});

test("a first question edited in the bot's chat names the conversation anew there too", async () => {
  const { api } = botOf(stack);
  const { telegram: person, chat } = ann;
  const json = { person, chat, externalId: "first", text: "Plan two days in Rome" };
  const { run, thread } = await answerOf(() => api.messages.$post({ json }));
  await stack.ended(run);
  await becomes(thread, "Weekend in Rome");
  name = () => titled("Weekend in Oslo");
  const revision = { chat, edits: "first", externalId: "first:2", text: "Plan two days in Oslo" };
  const { revised } = await answerOf(() => api.messages.revised.$post({ json: revision }));
  expect(await titleOf(thread)).toBe("Plan two days in Oslo");
  await stack.ended(revised?.run ?? "");
  await expect.poll(() => titleOf(thread)).toBe("Weekend in Oslo");
});

describe("the first question's line stays the name", () => {
  test.each([
    ["the answer failed", () => new Refusal("output_truncated", "too long")],
    ["the pool fails the name", null],
  ])("where %s", async (_why, answerFails) => {
    stack.thinking.script = ({ question, turns }) => {
      if (isNaming(turns)) {
        asked.push(turns);
        return failing(new Refusal("attempts_exhausted", "lost"));
      }
      return answerFails && question === "fail" ? failing(answerFails()) : answers("So.");
    };
    const { thread } = await ann.talk("fail");
    await settled();
    expect(await titleOf(thread)).toBe("fail");
    expect(asked.flat().filter((turn) => turn === "fail")).toHaveLength(answerFails ? 0 : 1);
  });

  test.each([
    ["no JSON", "Rome"],
    ["another form", '{"thought":"","action":{"final_answer":"Rome"}}'],
    ["nothing but signs", '{"title":"«…»"}'],
    ["a text that is too long", JSON.stringify({ title: "R".repeat(400) })],
  ])("where the machine writes %s", async (_what, text) => {
    name = async function* () {
      yield text;
    };
    const { thread } = await ann.talk("Plan two days in Rome");
    await settled();
    expect(await titleOf(thread)).toBe("Plan two days in Rome");
  });

  test("where no machine has room, and where the operator wants no names", async () => {
    await using bare = await openTestApp({ STARAI_TITLES: "on" });
    await using quiet = await openTestApp();
    quiet.join(quiet.ctx.config.defaultModel, 60);
    for (const one of [bare, quiet]) {
      let named = 0;
      one.thinking.script = ({ turns }) => {
        if (isNaming(turns)) named++;
        return answers("So.");
      };
      const person = await newPerson(one);
      const { thread } = await person.talk("Plan two days in Rome", "and a third");
      expect((await person.read(thread)).title).toBe("Plan two days in Rome");
      expect(named).toBe(0);
    }
  });
});

test("a name is one line of plain words, whatever the machine puts around it", async () => {
  name = () => titled(' "Weekend\n\tin\u202E Rome." ');
  const { thread } = await ann.talk("Plan two days in Rome");
  await expect.poll(() => titleOf(thread)).toBe("Weekend in Rome");
});

describe("a name that is being made is cancelled", () => {
  let stopped: Gate;

  beforeEach(() => {
    stopped = new Gate();
    stack.thinking.script = ({ stop, turns }) => {
      if (!isNaming(turns)) return answers("So.");
      asked.push(turns);
      return (async function* () {
        yield '{"title":"';
        stop.addEventListener("abort", stopped.open, { once: true });
        await stopped.opened;
      })();
    };
  });

  test("when its person goes on, who is not kept waiting", async () => {
    const { thread } = await ann.talk("Plan two days in Rome");
    await expect.poll(() => asked.length).toBe(1);
    const next = await ann.send(thread, "And a third day?");
    await stopped.opened;
    await stack.ended(next.run);
    expect(await titleOf(thread)).toBe("Plan two days in Rome");
  });

  test("when somebody else asks the only machine, and is made after that answer", async () => {
    const { thread } = await ann.talk("Plan two days in Rome");
    await expect.poll(() => asked.length).toBe(1);
    const making = stack.thinking.script;
    stack.thinking.script = (job) => (isNaming(job.turns) ? titled("Weekend in Rome") : making(job));
    const other = await newPerson(stack);
    await other.talk("What is a fjord?");
    await stopped.opened;
    await becomes(thread, "Weekend in Rome");
  });

  test("and not when another machine is idle", async () => {
    stack.join(stack.ctx.config.defaultModel, 60, "another");
    const { thread } = await ann.talk("Plan two days in Rome");
    await expect.poll(() => asked.length).toBe(1);
    let cancelled = false;
    void stopped.opened.then(() => (cancelled = true));
    const other = await newPerson(stack);
    await other.talk("What is a fjord?");
    expect(cancelled).toBe(false);
    expect(await titleOf(thread)).toBe("Plan two days in Rome");
  });

  test("when the server stops, so that the first question after the next start does not wait for it", async () => {
    await ann.talk("Plan two days in Rome");
    await expect.poll(() => asked.length).toBe(1);
    await stack.ctx.runs.shutdown(0);
    await stopped.opened;
  });
});

// oxlint-disable-next-line require-yield -- it ends before its first word
async function* failing(refusal: Refusal): AsyncGenerator<string> {
  throw refusal;
}
