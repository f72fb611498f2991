/** Details of the bot's behaviour: /stop, unknown commands, quoted questions, late taps, languages. */
import { describe, expect, test } from "vitest";
import { commandsLine } from "@starai/bot/commands";
import { Refusal } from "@starai/server/errors";
import { Gate, answers, thinks } from "@starai/server/testing/scripted-thinking";
import { openBotStack } from "./bot-stack.ts";

async function* endless(): AsyncGenerator<string> {
  for (let word = 1; word < 2_000; word++) {
    yield `word${word} `;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("a message right after /new starts the new conversation", async () => {
  await using stack = await openBotStack();
  await stack.say(42, "first");
  await stack.until(42, (all) => all.at(-1)?.text === "You said: first");
  await stack.whileBotIsAway(async () => {
    await stack.say(42, "/new");
    await stack.say(42, "second");
  });
  await stack.until(42, (all) => all.at(-1)?.text === "You said: second");
  const sql = "select distinct thread_id from messages where text in ('first', 'second')";
  expect((await stack.ctx.pg.query(sql)).rows).toHaveLength(2);
});

describe("/stop", () => {
  test("/stop stops the running answer and says so; the written part stays, and work goes on", async () => {
    await using stack = await openBotStack();
    stack.thinking.script = () => answers(endless());
    await stack.say(42, "count");
    await stack.untilDraft(42, "word3");
    await stack.say(42, "/stop");
    const all = await stack.until(42, (messages) => messages.length === 4);
    const texts = all.map(({ text }) => text);
    expect(texts).toContainEqual(expect.stringMatching(/^word1 word2 word3[\s\S]*\*Stopped\.\*$/));
    expect(texts).toContain("Stopped. What I had written stays.");
    stack.thinking.script = () => answers("still here");
    await stack.say(42, "and now?");
    await stack.until(42, (messages) => messages.at(-1)?.text === "still here");
    expect(stack.thinking.begun).toEqual(["count", "and now?"]);
  });

  test("/stop without a running answer says so; in a group only when it names the bot", async () => {
    await using stack = await openBotStack();
    await stack.say(42, "/stop");
    await stack.until(42, (all) => all.at(-1)?.text === "I am not writing anything at the moment.");
    await stack.say(42, "/stop", { chat: -100 });
    await stack.say(42, "/stop@starai_bot", { chat: -100 });
    const all = await stack.until(-100, (messages) => messages.length === 3);
    expect(all.filter(({ from }) => from === "bot")).toHaveLength(1);
    expect(stack.thinking.begun).toEqual([]);
  });

  test("/stop sent before the question has reached the server stops it too", async () => {
    await using stack = await openBotStack();
    stack.thinking.script = () => answers(endless());
    await stack.whileBotIsAway(async () => {
      await stack.say(42, "count");
      await stack.say(42, "/stop");
    });
    const all = await stack.until(42, (messages) => messages.length === 4);
    expect(all.some(({ text }) => text.endsWith("Stopped.*") || text === "Stopped.")).toBe(true);
  });
});

describe("unknown commands", () => {
  test("an unknown command gets a line with the known ones and does not reach the model", async () => {
    await using stack = await openBotStack();
    await stack.say(42, "/setings please");
    const [, line] = await stack.until(42, (all) => all.length === 2);
    expect(line?.text).toBe(`I do not know this command. Those I know: ${commandsLine(stack.appUrl)}`);
    await stack.say(42, "/foo@starai_bot", { chat: -100 });
    await stack.until(-100, (all) => all.at(-1)?.text === line?.text);
    expect(stack.thinking.begun).toEqual([]);
    expect((await stack.ctx.pg.query("select 1 from messages")).rows).toEqual([]);
  });

  test("a command for another bot in a group is not answered; a slash inside a sentence is no command", async () => {
    await using stack = await openBotStack();
    await stack.say(42, "/foo", { chat: -100 });
    await stack.say(42, "what does /foo do?");
    await stack.until(42, (all) => all.at(-1)?.text === "You said: what does /foo do?");
    await stack.untilHandled();
    expect(await stack.transcript(-100)).toHaveLength(1);
  });
});

describe("an answer in private", () => {
  test("a private answer quotes its question only when others were asked meanwhile", async () => {
    await using stack = await openBotStack();
    const first = new Gate();
    stack.thinking.script = async function* ({ question }) {
      if (question === "one") await first.opened;
      yield* answers(`answer ${question}`);
    };
    const asked = [await stack.say(42, "one"), await stack.say(42, "two"), await stack.say(42, "three")];
    await stack.untilStored(3);
    first.open();
    const all = await stack.until(42, (messages) => messages.length === 6);
    expect(all.slice(3).map(({ text, replyTo }) => [text, replyTo?.id])).toEqual([
      ["answer one", asked[0]],
      ["answer two", asked[1]],
      ["answer three", asked[2]],
    ]);
    await stack.untilHandled();
    await stack.say(42, "four");
    const last = (await stack.until(42, (messages) => messages.length === 8)).at(-1);
    expect([last?.text, last?.replyTo]).toEqual(["answer four", null]);
  });
});

describe("a tap that comes too late", () => {
  test("a tap on Continue before a restart of the bot still shows the answer; a second tap does not", async () => {
    await using stack = await openBotStack();
    stack.thinking.script = async function* () {
      yield `{"thought":"","action":{"final_answer":"The beginning`;
      throw new Refusal("attempts_exhausted", "three machines were lost");
    };
    await stack.say(42, "hello");
    const [, failed] = await stack.until(42, (all) => all.length === 2);
    const rest = new Gate();
    stack.thinking.script = async function* () {
      yield* thinks("");
      yield `","action":{"final_answer":"The whole`;
      await rest.opened;
      yield ` answer"}}`;
    };
    const data = failed?.buttons[0]?.[0];
    await stack.post("tap", { user: 42, message: failed?.id, button: data?.text });
    await stack.untilDraft(42, "The whole");
    await stack.whileBotIsAway(async () => {
      rest.open();
      await stack.untilAnswered();
    });
    await stack.until(42, (all) => all.at(-1)?.text === "The whole answer");
    stack.press(42, data !== undefined && "callback_data" in data ? data.callback_data : "");
    await stack.until(42, () => stack.tapAnswers().at(-1)?.startsWith("This answer cannot go on") === true);
    await stack.untilHandled();
    expect((await stack.transcript(42)).filter(({ text }) => text === "The whole answer")).toHaveLength(1);
  });

  test("a late tap on a settings page still turns it; a late notice is sent into the chat", async () => {
    await using stack = await openBotStack();
    await stack.say(42, "/settings");
    const [, page] = await stack.until(42, (all) => all.length === 2);
    const { telegram } = stack.simulator;
    const late = (data: string) =>
      stack.whileBotIsAway(async () => {
        stack.press(42, data);
        const message = telegram.world.message(42, page?.id ?? 0)?.message;
        for (const update of telegram.world.pending.values())
          if (update.callback_query) {
            telegram.callbacks.answer(update.callback_query.id);
            Object.assign(update.callback_query, { message });
          }
      });
    await late("settings:persona");
    await stack.until(42, (all) => all[1]?.text.startsWith("How should I answer") === true);
    await late("settings:model");
    await stack.until(42, (all) => all[1]?.text.startsWith("No machine is online") === true);
    await late("continue:00000000-0000-4000-8000-000000000000");
    const all = await stack.until(42, (messages) => messages.length === 3);
    expect(all[2]?.text).toMatch(/^This button has had its time/);
  });
});

describe("the menu button", () => {
  test("a person's menu button is in their language only, and follows when that changes", async () => {
    await using stack = await openBotStack();
    await stack.untilMenu("App");
    const words = async (user: number) => (await stack.card(user)).menuButton.text;
    await stack.say(42, "/start", { name: "Alex" });
    await stack.say(43, "/start", { name: "Ольга", language: "ru" });
    await stack.until(43, (all) => all.length === 2);
    await stack.untilHandled();
    expect([await words(42), await words(43), await words(44)]).toEqual(["App", "Открыть", "App"]);
    await stack.say(43, "/start", { language: "en" });
    await stack.until(43, (all) => all.length === 4);
    await stack.untilHandled();
    expect(await words(43)).toBe("App");
  });
});
