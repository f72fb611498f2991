/** The bot as a person sees it in their chat: real bot, routes, database and Bot API; only the model is scripted. */
import { describe, expect, test } from "vitest";
import { MENU_COMMANDS } from "@starai/bot/commands";
import { Refusal } from "@starai/server/errors";
import { Gate, answers, calls, thinks } from "@starai/server/testing/scripted-thinking";
import { openBotStack } from "./bot-stack.ts";

/** Endless words, until the reader stops. */
async function* endless(): AsyncGenerator<string> {
  for (let word = 1; word < 2_000; word++) {
    yield `word${word} `;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function eventually<T>(look: () => Promise<T>, wish: (seen: T) => boolean): Promise<T> {
  const end = Date.now() + 10_000;
  for (;;) {
    const seen = await look();
    if (wish(seen)) return seen;
    if (Date.now() > end) throw new Error(`not seen in time: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("a message in a private chat", () => {
  test("a private message is answered once; the thought and then the answer grow in one draft", async () => {
    await using stack = await openBotStack();
    const thought = new Gate();
    const half = new Gate();
    stack.thinking.script = async function* ({ question }) {
      yield* thinks("The <person> greets me, so I greet back.");
      await thought.opened;
      yield `","action":{"final_answer":"Good **day**,`;
      await half.opened;
      yield ` you said ${question}"}}`;
    };
    await stack.say(42, "hello");
    await eventually(
      () => stack.draft(42),
      (draft) =>
        draft?.text.includes("<tg-thinking>The &lt;person&gt; greets me, so I greet back.</tg-thinking>") === true,
    );
    thought.open();
    await eventually(
      () => stack.draft(42),
      (draft) => draft?.text === "Good **day**," && draft.canStop,
    );
    half.open();
    const messages = await stack.until(42, (all) => all.length === 2);
    expect(messages[1]?.rich?.markdown).toBe("Good **day**, you said hello");
    expect(messages[1]?.buttons.flat().map(({ text }) => text)).toEqual([
      expect.stringMatching(/^1 step · \d+\.\d s · Qwen2\.5 Coder 1\.5B$/),
    ]);
    expect(await stack.draft(42)).toBeNull();
    const drafts = stack.seen.flatMap((event) => (event.type === "draft" && event.draft ? [event.draft.id] : []));
    expect(new Set(drafts).size).toBe(1);
  });

  test("the first answer of a conversation has a note that models may be wrong, later answers do not", async () => {
    await using stack = await openBotStack();
    stack.thinking.script = ({ question }) => answers(`You said ${question}.`);
    await stack.say(42, "one");
    await stack.until(42, (all) => all.length === 2);
    await stack.say(42, "two");
    await stack.until(42, (all) => all.length === 4);
    const [, first, , second] = await stack.asSeen(42);
    expect(first?.text).toBe("You said one.\n\n*Small models answer here and may be wrong: check what matters.*");
    expect(second?.text).toBe("You said two.");
  });

  test("an answer stopped by Telegram's button keeps its written part and blocks no later question", async () => {
    await using stack = await openBotStack();
    stack.thinking.script = () => answers(endless());
    await stack.say(42, "count");
    await eventually(
      () => stack.draft(42),
      (draft) => draft?.text.includes("word3") === true,
    );
    await stack.post("stop", { user: 42 });
    const [, answer] = await stack.until(42, (all) => all.length === 2);
    expect(answer?.text).toMatch(/^word1 word2 word3[\s\S]*\*Stopped\.\*$/);
    stack.thinking.script = () => answers("still here");
    await stack.say(42, "and now?");
    await stack.until(42, (all) => all.at(-1)?.text === "still here");
  });

  test("a message sent while another is answered waits for it, and both are answered in order", async () => {
    await using stack = await openBotStack();
    const first = new Gate();
    stack.thinking.script = async function* ({ question }) {
      if (question === "one") await first.opened;
      yield* answers(`answer ${question}`);
    };
    await stack.say(42, "one");
    await stack.say(42, "two");
    await stack.say(43, "three");
    await stack.until(43, (all) => all.at(-1)?.text === "answer three");
    first.open();
    const messages = await stack.until(42, (all) => all.length === 4);
    expect(messages.map(({ text }) => text)).toEqual(["one", "two", "answer one", "answer two"]);
  });

  test("an answer cannot act in Telegram: tags, pictures and foreign links arrive as text", async () => {
    await using stack = await openBotStack();
    stack.thinking.script = () =>
      answers('<tg-button type="callback_data" data="x">Pay</tg-button> ![](https://evil.example/a.png)');
    await stack.say(42, "hello");
    const [, answer] = await stack.until(42, (all) => all.length === 2);
    expect(answer?.text).not.toMatch(/<tg-button|!\[/);
    expect(answer?.text).toContain("Pay");
  });

  test("a message without text gets a friendly sentence in the person's language", async () => {
    await using stack = await openBotStack();
    await stack.say(42, "привет", { language: "ru" });
    await stack.until(42, (all) => all.length === 2);
    stack.simulator.telegram.updates.push("message", {
      message_id: 900,
      date: 1,
      chat: { id: 42, type: "private", first_name: "A" },
      from: { id: 42, is_bot: false, first_name: "A", language_code: "ru" },
      voice: { file_id: "f", file_unique_id: "u", duration: 1 },
    });
    const messages = await stack.until(42, (all) => all.length === 3);
    expect(messages[2]?.text).toMatch(/^Пока я читаю только текст/);
  });
});

describe("an answer that fails", () => {
  test("a failed answer says why, and Continue resumes it", async () => {
    await using stack = await openBotStack();
    stack.thinking.script = async function* () {
      yield `{"thought":"","action":{"final_answer":"The beginning`;
      throw new Refusal("attempts_exhausted", "three machines were lost");
    };
    await stack.say(42, "hello");
    const [, failed] = await stack.until(42, (all) => all.length === 2);
    expect(failed?.text).toMatch(/^The beginning\n\n\*.+\*$/);
    expect(failed?.buttons.flat().map(({ text }) => text)).toEqual(["Continue"]);
    stack.thinking.script = () => answers("The whole answer");
    await stack.post("tap", { user: 42, message: failed?.id, button: "Continue" });
    await stack.until(42, (all) => all.at(-1)?.text === "The whole answer");
    await stack.post("tap", { user: 42, message: failed?.id, data: "steps:x" });
    expect((await stack.until(42, (all) => all.length === 3))[1]?.buttons.flat()).toEqual([]);
  });

  test("an answer that failed for a lasting reason offers no Continue", async () => {
    await using stack = await openBotStack();
    stack.thinking.script = async function* () {
      yield "no JSON at all";
    };
    await stack.say(42, "hello");
    const [, failed] = await stack.until(42, (all) => all.length === 2);
    expect(failed?.text.length).toBeGreaterThan(5);
    expect(failed?.buttons).toEqual([]);
  });
});

describe("buttons", () => {
  test("a button shows the steps of an answer", async () => {
    await using stack = await openBotStack();
    stack.thinking.script = ({ step }) =>
      step === 0
        ? calls("calculator", { expression: "17*23" }, "I had better <calculate> 17 times 23.")
        : answers("It is 391.", "So.");
    await stack.say(42, "17*23?");
    const [, answer] = await stack.until(42, (all) => all.length === 2);
    await stack.post("tap", { user: 42, message: answer?.id, button: answer?.buttons[0]?.[0]?.text });
    const [, , steps] = await stack.until(42, (all) => all.length === 3);
    expect(steps?.text).toContain("1. I had better <calculate> 17 times 23.");
    expect(steps?.text).toContain('calculator({"expression":"17*23"})');
    expect(steps?.text).toMatch(/→ .*391/);
    expect(steps?.text).toContain("2.\nanswered");
    expect(steps?.entities.map(({ type }) => type)).toContain("expandable_blockquote");
    expect(steps?.replyTo?.id).toBe(answer?.id);
  });

  test("an answer whose steps explain nothing offers no button for them", async () => {
    await using stack = await openBotStack();
    stack.thinking.script = () => answers("Paris.", "A fact I know.");
    await stack.say(42, "capital of France?");
    const [, answer] = await stack.until(42, (all) => all.length === 2);
    expect(answer?.buttons.flat()).toEqual([]);
  });

  test("buttons for another chat's run, or for none, are answered and show nothing", async () => {
    await using stack = await openBotStack();
    stack.thinking.script = () => answers("for one person only", "Nobody but this one person may see it.");
    await stack.say(42, "secret");
    const [, secret] = await stack.until(42, (all) => all.length === 2);
    const foreign = JSON.stringify(secret?.buttons).match(/steps:[0-9a-f-]{36}/)?.[0] ?? "";
    expect(foreign).not.toBe("");
    await stack.say(43, "mine");
    await stack.until(43, (all) => all.length === 2);
    for (const data of [
      foreign,
      foreign.replace("steps", "continue"),
      foreign.replace("steps", "stop"),
      "model:x",
      "nonsense",
    ]) {
      const before = stack.tapAnswers().length;
      stack.press(43, data);
      await eventually(
        async () => stack.tapAnswers(),
        (answers) => answers.length === before + 1,
      );
    }
    expect(stack.tapAnswers()).toEqual(Array.from({ length: 5 }, () => expect.stringContaining("had its time")));
    expect(await stack.transcript(43)).toHaveLength(2);
  });
});

describe("commands", () => {
  test("/start greets by name, also with a deep link; /help and /privacy answer in the person's language", async () => {
    await using stack = await openBotStack();
    await stack.say(42, "/start some-link_1", { name: "Ann <3" });
    expect((await stack.until(42, (all) => all.length === 2))[1]?.text).toContain("Hello, Ann <3!");
    await stack.say(42, "/privacy");
    const privacy = (await stack.until(42, (all) => all.length === 4))[3]?.text;
    expect(privacy).toContain("can read the text it works on");
    expect(privacy).toContain("They can also change what you read.");
    await stack.say(42, "/help", { language: "ru" });
    expect((await stack.until(42, (all) => all.length === 6))[5]?.text).toContain("Спрашивайте что угодно");
    expect(stack.thinking.begun).toEqual([]);
  });

  test("/new starts over: it ends the answer under way and the next message opens another thread", async () => {
    await using stack = await openBotStack();
    await stack.say(42, "/new");
    await stack.until(42, (all) => all.at(-1)?.text.startsWith("This is already") === true);
    stack.thinking.script = () => answers(endless());
    await stack.say(42, "count");
    await eventually(
      () => stack.draft(42),
      (draft) => draft?.text.includes("word2") === true,
    );
    await stack.say(42, "/new");
    await stack.until(42, (all) => all.at(-1)?.text.startsWith("A new conversation") === true);
    stack.thinking.script = () => answers("fresh");
    await stack.say(42, "hello");
    await stack.until(42, (all) => all.at(-1)?.text === "fresh");
    const { rows } = await stack.ctx.pg.query("select count(distinct thread_id)::int as threads from messages");
    expect(rows).toEqual([{ threads: 2 }]);
  });

  test("/model lists online models, fastest first, and marks the choice; an offline one cannot be chosen", async () => {
    await using stack = await openBotStack();
    await stack.say(42, "/model");
    const [, none] = await stack.until(42, (all) => all.length === 2);
    expect(none?.text).toContain("No machine is online");
    expect(none?.buttons.flat().map(({ text }) => text)).toEqual(["‹ Settings"]);

    const leave = stack.join("smollm2-135m", 90.4);
    stack.join("qwen2.5-coder-1.5b", 12);
    await stack.say(42, "/model");
    const [, , , menu] = await stack.until(42, (all) => all.length === 4);
    const labels = menu?.buttons.flat().map(({ text }) => text) ?? [];
    expect(labels).toEqual([
      expect.stringMatching(/^SmolLM2.* · 90 tokens\/s · 1 machine$/),
      expect.stringMatching(/^✓ Qwen/),
      "‹ Settings",
    ]);
    await stack.post("tap", { user: 42, message: menu?.id, button: labels[0] });
    await stack.until(42, (all) => all[3]?.buttons[0]?.[0]?.text.startsWith("✓ SmolLM2") === true);
    await stack.say(42, "hello");
    await stack.until(42, (all) => all.length === 6);
    const { rows } = await stack.ctx.pg.query("select model from runs");
    expect(rows).toEqual([{ model: "smollm2-135m" }]);

    leave();
    const mark = (await stack.transcript(42))[3]?.buttons[0]?.[0]?.text;
    await stack.post("tap", { user: 42, message: menu?.id, button: mark });
    await eventually(
      async () => stack.tapAnswers().at(-1),
      (answer) => answer?.includes("not online any more") === true,
    );
  });

  test("commands are registered with Telegram in both languages", async () => {
    await using stack = await openBotStack();
    const card = (user: number) => stack.card(user);
    await stack.post("user", { user: 7, language: "ru" });
    await eventually(
      () => card(7),
      (bot) => bot.commands.length === MENU_COMMANDS.length && /[а-я]/.test(bot.description),
    );
    await stack.post("user", { user: 8, language: "de" });
    expect((await card(8)).commands.map(({ command }) => command)).toEqual([...MENU_COMMANDS]);
    expect((await card(8)).description).toMatch(/^An AI agent/);
  });

  test("/settings shows and changes model and persona; a persona in own words is stored unless too long", async () => {
    await using stack = await openBotStack();
    stack.join("qwen2.5-coder-1.5b", 12);
    await stack.say(42, "/settings");
    const [, page] = await stack.until(42, (all) => all.length === 2);
    expect(page?.text).toContain("Model: Qwen2.5 Coder 1.5B");
    expect(page?.text).toContain("Persona: Plain");
    const tap = (button: string) => stack.post("tap", { user: 42, message: page?.id, button });
    await tap("Persona");
    await stack.until(42, (all) => all[1]?.text.startsWith("How should I answer") === true);
    await tap("Teacher");
    await stack.until(42, (all) => all[1]?.buttons.flat().some(({ text }) => text === "✓ Teacher") === true);
    await tap("‹ Settings");
    await stack.until(42, (all) => all[1]?.text.includes("Persona: Teacher") === true);
    await tap("Model");
    await stack.until(42, (all) => all[1]?.text.startsWith("Which model") === true);

    await stack.say(42, `/persona ${"x".repeat(1_001)}`);
    expect((await stack.until(42, (all) => all.length === 4))[3]?.text).toContain("can have 1000");
    await stack.say(42, "/persona Speak like a <pirate>");
    const own = (await stack.until(42, (all) => all.length === 6))[5];
    expect(own?.text).toContain("Own instructions: Speak like a <pirate>");
    expect(own?.buttons.flat().map(({ text }) => text)).toContain("Forget my own instructions");
    await stack.say(42, "/persona Translator");
    const named = (await stack.until(42, (all) => all.length === 8))[7];
    expect(named?.buttons.flat().map(({ text }) => text)).toContain("✓ Translator");
    expect(named?.text).toContain("Own instructions: Speak like a <pirate>");
    await stack.say(42, "/new");
    await stack.say(42, "/settings");
    await stack.until(42, (all) => all.at(-1)?.text.includes("Persona: Plain") === true);
  });

  test("/privacy can delete everything after a confirmation; without it nothing is lost", async () => {
    await using stack = await openBotStack();
    stack.thinking.script = () => answers("noted");
    await stack.say(42, "remember me");
    await stack.until(42, (all) => all.at(-1)?.text === "noted");
    const count = async () =>
      (
        await stack.ctx.pg.query(
          "select (select count(*) from people)::int as people, (select count(*) from messages)::int as messages",
        )
      ).rows[0];
    const ask = async () => {
      await stack.say(42, "/privacy");
      const privacy = (await stack.until(42, (all) => all.at(-1)?.text.startsWith("Who can read") === true)).at(-1);
      await stack.post("tap", { user: 42, message: privacy?.id, button: "Delete my data" });
      return (await stack.until(42, (all) => all.at(-1)?.text.startsWith("Delete everything") === true)).at(-1);
    };
    await stack.post("tap", { user: 42, message: (await ask())?.id, button: "Keep it" });
    await stack.until(42, (all) => all.at(-1)?.text === "Nothing was deleted.");
    expect(await count()).toEqual({ people: 1, messages: 2 });
    await stack.post("tap", { user: 42, message: (await ask())?.id, button: "Delete everything" });
    await stack.until(42, (all) => all.at(-1)?.text.startsWith("Deleted:") === true);
    expect(await count()).toEqual({ people: 0, messages: 0 });
    await stack.say(42, "hello again");
    await stack.until(42, (all) => all.at(-1)?.text === "noted");
  });
});

describe("a group", () => {
  const GROUP = -100;

  test("a group message is answered only when addressed to the bot, by edits of one message", async () => {
    await using stack = await openBotStack();
    const rest = new Gate();
    stack.thinking.script = async function* ({ question }) {
      yield `{"thought":"","action":{"final_answer":"Growing`;
      await rest.opened;
      yield ` to: ${question}"}}`;
    };
    await stack.say(42, "just chatting", { chat: GROUP });
    const asked = await stack.say(42, "@starai_bot what now", { chat: GROUP });
    await stack.until(GROUP, (all) => all.at(-1)?.text === "Growing");
    rest.open();
    const messages = await stack.until(GROUP, (all) => all.at(-1)?.rich !== null && all.length === 3);
    expect(messages[2]?.text).toBe("Growing to: what now");
    expect(messages[2]?.replyTo?.id).toBe(asked);
    expect(stack.calls("sendRichMessageDraft")).toBe(0);
    stack.thinking.script = () => answers("a reply's answer");
    await stack.say(43, "more", { chat: GROUP, replyTo: messages[2]?.id });
    await stack.until(GROUP, (all) => all.at(-1)?.text === "a reply's answer");
  });

  test("a growing answer in a group has a Stop button", async () => {
    await using stack = await openBotStack();
    stack.thinking.script = () => answers(endless());
    await stack.say(42, "@starai_bot count", { chat: GROUP });
    const growing = await stack.until(GROUP, (all) => all.at(-1)?.text.includes("word3") === true);
    await stack.post("tap", { user: 42, chat: GROUP, message: growing.at(-1)?.id, button: "Stop" });
    const messages = await stack.until(GROUP, (all) => all.at(-1)?.text.endsWith("*Stopped.*") === true);
    expect(messages).toHaveLength(2);
    expect(messages[1]?.buttons.flat().map(({ text }) => text)).not.toContain("Stop");
  });
});
