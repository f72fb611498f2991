/** Small things that make the bot pleasant: /stop, commands that are none, answers that say what they answer, languages. */
import { describe, expect, test } from "vitest";
import { Refusal } from "@starai/server/errors";
import { Gate, answers, thinks } from "@starai/server/threads/scripted-thinking";
import { openBotHouse } from "./bot-house.ts";

async function* endless(): AsyncGenerator<string> {
  for (let word = 1; word < 2_000; word++) {
    yield `word${word} `;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("what is written right behind /new begins the new conversation", async () => {
  await using house = await openBotHouse();
  await house.say(42, "first");
  await house.until(42, (all) => all.at(-1)?.text === "You said: first");
  await house.whileBotIsAway(async () => {
    await house.say(42, "/new");
    await house.say(42, "second");
  });
  await house.until(42, (all) => all.at(-1)?.text === "You said: second");
  const sql = "select distinct thread_id from messages where text in ('first', 'second')";
  expect((await house.ctx.pg.query(sql)).rows).toHaveLength(2);
});

describe("/stop", () => {
  test("stops the running answer and says so; what was written stays and the next question is answered", async () => {
    await using house = await openBotHouse();
    house.thinking.script = () => answers(endless());
    await house.say(42, "count");
    await house.untilDraft(42, "word3");
    await house.say(42, "/stop");
    const all = await house.until(42, (messages) => messages.length === 4);
    const texts = all.map(({ text }) => text);
    expect(texts).toContainEqual(expect.stringMatching(/^word1 word2 word3[\s\S]*\*Stopped\.\*$/));
    expect(texts).toContain("Stopped. What I had written stays.");
    house.thinking.script = () => answers("still here");
    await house.say(42, "and now?");
    await house.until(42, (messages) => messages.at(-1)?.text === "still here");
    expect(house.thinking.begun).toEqual(["count", "and now?"]);
  });

  test("says that there is nothing to stop; in a group it may have been meant for another bot, and is not answered", async () => {
    await using house = await openBotHouse();
    await house.say(42, "/stop");
    await house.until(42, (all) => all.at(-1)?.text === "I am not writing anything at the moment.");
    await house.say(42, "/stop", { chat: -100 });
    await house.say(42, "/stop@starai_bot", { chat: -100 });
    const all = await house.until(-100, (messages) => messages.length === 3);
    expect(all.filter(({ from }) => from === "bot")).toHaveLength(1);
    expect(house.thinking.begun).toEqual([]);
  });

  test("sent before the question has reached the server stops it too", async () => {
    await using house = await openBotHouse();
    house.thinking.script = () => answers(endless());
    await house.whileBotIsAway(async () => {
      await house.say(42, "count");
      await house.say(42, "/stop");
    });
    const all = await house.until(42, (messages) => messages.length === 4);
    expect(all.some(({ text }) => text.endsWith("Stopped.*") || text === "Stopped.")).toBe(true);
  });
});

describe("a command nobody knows", () => {
  test("gets one line with those there are, and reaches no model", async () => {
    await using house = await openBotHouse();
    await house.say(42, "/setings please");
    const [, line] = await house.until(42, (all) => all.length === 2);
    expect(line?.text).toBe(
      "I do not know this command. Those I know: /new /stop /settings /app /help /privacy /start",
    );
    await house.say(42, "/foo@starai_bot", { chat: -100 });
    await house.until(-100, (all) => all.at(-1)?.text === line?.text);
    expect(house.thinking.begun).toEqual([]);
    expect((await house.ctx.pg.query("select 1 from messages")).rows).toEqual([]);
  });

  test("of another bot in a group is not answered; a slash inside a sentence is a sentence", async () => {
    await using house = await openBotHouse();
    await house.say(42, "/foo", { chat: -100 });
    await house.say(42, "what does /foo do?");
    await house.until(42, (all) => all.at(-1)?.text === "You said: what does /foo do?");
    await house.untilHandled();
    expect(await house.transcript(-100)).toHaveLength(1);
  });
});

describe("an answer in private", () => {
  test("quotes its question when others were asked meanwhile, and does not when it simply follows", async () => {
    await using house = await openBotHouse();
    const first = new Gate();
    house.thinking.script = async function* ({ question }) {
      if (question === "one") await first.opened;
      yield* answers(`answer ${question}`);
    };
    const asked = [await house.say(42, "one"), await house.say(42, "two"), await house.say(42, "three")];
    await house.untilStored(3);
    first.open();
    const all = await house.until(42, (messages) => messages.length === 6);
    expect(all.slice(3).map(({ text, replyTo }) => [text, replyTo?.id])).toEqual([
      ["answer one", asked[0]],
      ["answer two", asked[1]],
      ["answer three", asked[2]],
    ]);
    await house.untilHandled();
    await house.say(42, "four");
    const last = (await house.until(42, (messages) => messages.length === 8)).at(-1);
    expect([last?.text, last?.replyTo]).toEqual(["answer four", null]);
  });
});

describe("a tap that comes too late", () => {
  test("on Continue, taken by the bot's life before this one, still shows the answer; a second one does not", async () => {
    await using house = await openBotHouse();
    house.thinking.script = async function* () {
      yield `{"thought":"","action":{"final_answer":"The beginning`;
      throw new Refusal("attempts_exhausted", "three machines were lost");
    };
    await house.say(42, "hello");
    const [, failed] = await house.until(42, (all) => all.length === 2);
    const rest = new Gate();
    house.thinking.script = async function* () {
      yield* thinks("");
      yield `","action":{"final_answer":"The whole`;
      await rest.opened;
      yield ` answer"}}`;
    };
    const data = failed?.buttons[0]?.[0];
    await house.post("tap", { user: 42, message: failed?.id, button: data?.text });
    await house.untilDraft(42, "The whole");
    await house.whileBotIsAway(async () => {
      rest.open();
      await house.untilAnswered();
    });
    await house.until(42, (all) => all.at(-1)?.text === "The whole answer");
    house.press(42, data !== undefined && "callback_data" in data ? data.callback_data : "");
    await house.until(42, () => house.tapAnswers().at(-1)?.startsWith("This answer cannot go on") === true);
    await house.untilHandled();
    expect((await house.transcript(42)).filter(({ text }) => text === "The whole answer")).toHaveLength(1);
  });

  test("on a page of the settings still turns the page; a sentence that cannot be shown over the chat comes in it", async () => {
    await using house = await openBotHouse();
    await house.say(42, "/settings");
    const [, page] = await house.until(42, (all) => all.length === 2);
    const { telegram } = house.simulator;
    const late = (data: string) =>
      house.whileBotIsAway(async () => {
        house.press(42, data);
        const message = telegram.world.message(42, page?.id ?? 0)?.message;
        for (const update of telegram.world.pending.values())
          if (update.callback_query) {
            telegram.callbacks.answer(update.callback_query.id);
            Object.assign(update.callback_query, { message });
          }
      });
    await late("settings:persona");
    await house.until(42, (all) => all[1]?.text.startsWith("How should I answer") === true);
    await late("settings:model");
    await house.until(42, (all) => all[1]?.text.startsWith("No machine is online") === true);
    await late("continue:00000000-0000-4000-8000-000000000000");
    const all = await house.until(42, (messages) => messages.length === 3);
    expect(all[2]?.text).toMatch(/^This button has had its time/);
  });
});

describe("the menu button", () => {
  test("of one person is in their language and nobody else's, and follows when that changes", async () => {
    await using house = await openBotHouse();
    await house.untilMenu("App");
    const words = async (user: number) => (await house.card(user)).menuButton.text;
    await house.say(42, "/start", { name: "Alex" });
    await house.say(43, "/start", { name: "Ольга", language: "ru" });
    await house.until(43, (all) => all.length === 2);
    await house.untilHandled();
    expect([await words(42), await words(43), await words(44)]).toEqual(["App", "Открыть", "App"]);
    await house.say(43, "/start", { language: "en" });
    await house.until(43, (all) => all.length === 4);
    await house.untilHandled();
    expect(await words(43)).toBe("App");
  });
});
