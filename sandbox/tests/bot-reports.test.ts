/** Faults reported by users of other bots, tried on this one: each entry of bot-reports.json has its expected end. */
import { expect, test } from "vitest";
import { Refusal } from "@starai/server/errors";
import { Gate, answers } from "@starai/server/testing/scripted-thinking";
import { addBotToGroup, migrateGroup } from "../src/telegram/group-life.ts";
import { writeText } from "../src/telegram/person.ts";
import { openBotStack } from "./bot-stack.ts";
import reports from "./bot-reports.json" with { type: "json" };

type Stack = Awaited<ReturnType<typeof openBotStack>>;

const GROUP = -7;
const SUPERGROUP = -1_000_000_000_007;

/** A tap while the bot is down; when it is back, Telegram no longer accepts an answer to the tap. */
async function tapTooLate(stack: Stack, tap: { user: number; message: number | undefined; button: string }) {
  const { telegram } = stack.simulator;
  await stack.whileBotIsAway(async () => {
    await stack.post("tap", tap);
    for (const { callback_query: query } of telegram.world.pending.values())
      if (query) telegram.callbacks.answer(query.id);
  });
}

const CASES: Record<string, (stack: Stack) => Promise<void>> = {
  "7-1": async (stack) => {
    await stack.post("fault", { method: "sendRichMessage", kind: "drop", count: 5 });
    await stack.say(42, "hello");
    await stack.say(42, "second");
    const all = await stack.until(42, (messages) => messages.length === 4);
    expect(all.map(({ text }) => text)).toEqual(["hello", "second", "You said: hello", "You said: second"]);
  },

  // deliver.test.ts covers the wait of three minutes; this test has a shorter one.
  "7-1b": async (stack) => {
    await stack.post("fault", { method: "sendRichMessage", kind: "429", retryAfter: 3, count: 2 });
    await stack.say(42, "hello");
    await stack.until(42, (messages) => messages.at(-1)?.text === "You said: hello");
    expect(stack.calls("sendRichMessage")).toBe(3);
  },

  "7-2": async (stack) => {
    stack.thinking.script = async function* () {
      yield `{"thought":"","action":{"final_answer":"The beginning`;
      throw new Refusal("attempts_exhausted", "three machines were lost");
    };
    await stack.say(42, "hello");
    const [, failed] = await stack.until(42, (all) => all.length === 2);
    stack.thinking.script = () => answers("The whole answer");
    await tapTooLate(stack, { user: 42, message: failed?.id, button: "Continue" });
    const all = await stack.until(42, (messages) => messages.at(-1)?.text === "The whole answer");
    expect(all[1]?.buttons.flat()).toEqual([]);
  },

  "7-2b": async (stack) => {
    await stack.say(42, "remember me");
    await stack.say(42, "/privacy");
    const [, , , privacy] = await stack.until(42, (all) => all.length === 4);
    await tapTooLate(stack, { user: 42, message: privacy?.id, button: "Delete my data" });
    const question = (await stack.until(42, (all) => all.at(-1)?.text.startsWith("Delete everything") === true)).at(-1);
    await tapTooLate(stack, { user: 42, message: question?.id, button: "Delete everything" });
    await stack.until(42, (all) => all.at(-1)?.text.startsWith("Deleted: ") === true);
    expect((await stack.ctx.pg.query("select 1 from people")).rows).toEqual([]);
  },

  "7-6": async (stack) => {
    const bob = await stack.say(43, "Guten Morgen\nzusammen", { chat: GROUP, name: "Bob" });
    await stack.say(42, "@starai_bot translate this to English", { chat: GROUP, replyTo: bob });
    const asked = ["translate this to English\n\nAbout this message from Bob:\n> Guten Morgen\n> zusammen"];
    await expect.poll(() => stack.thinking.begun).toEqual(asked);
    stack.thinking.script = () => answers("The **capital** is Paris.");
    await stack.say(42, "capital?");
    const [, answer] = await stack.until(42, (all) => all.length === 2);
    await stack.say(42, "is it?", { replyTo: answer?.id });
    await stack.until(42, (all) => all.length === 4);
    expect(stack.thinking.begun.at(-1)).toBe("is it?");
    await stack.say(42, "/new");
    await stack.say(42, "is it really?", { replyTo: answer?.id });
    await stack.until(42, (all) => all.length === 8);
    expect(stack.thinking.begun.at(-1)).toBe("is it really?\n\nAbout this answer:\n> The capital is Paris.");
  },

  "7-7": async (stack) => {
    const { telegram } = stack.simulator;
    addBotToGroup(telegram, { user: 42, chat: GROUP, title: "Friends" });
    await stack.until(GROUP, (all) => all.length === 1);
    const rest = new Gate();
    stack.thinking.script = async function* ({ question }) {
      yield `{"thought":"","action":{"final_answer":"Growing`;
      await rest.opened;
      yield ` to: ${question}"}}`;
    };
    await stack.say(42, "@starai_bot what now", { chat: GROUP });
    await stack.until(GROUP, (all) => all.at(-1)?.text === "Growing");
    const stored = stack.untilStored(5);
    await stack.say(43, "@starai_bot and then", { chat: GROUP });
    migrateGroup(telegram, { chat: GROUP, to: SUPERGROUP });
    await stored;
    rest.open();
    await stack.until(SUPERGROUP, (all) => all.at(-1)?.text === "Growing to: and then");
    const texts = (await stack.transcript(SUPERGROUP)).map(({ text }) => text);
    expect(texts).toContain("Growing to: what now");
    const seen: string[] = [];
    stack.thinking.script = ({ turns }) => {
      seen.push(...turns);
      return answers("here too");
    };
    await stack.say(42, "@starai_bot go on", { chat: SUPERGROUP });
    await stack.until(SUPERGROUP, (all) => all.at(-1)?.text === "here too");
    expect(seen.join()).toContain("what now");
    const { rows } = await stack.ctx.pg.query("select chat, current from threads");
    expect(rows).toEqual([{ chat: `telegram:${SUPERGROUP}`, current: true }]);
  },

  "7-8": async (stack) => {
    const { telegram } = stack.simulator;
    await stack.say(42, "@starai_bot hello", { chat: GROUP });
    const [, ours] = await stack.until(GROUP, (all) => all.length === 2 && all[1]?.rich !== null);
    for (const text of ["I see", "@starai_bot and you?", "/help@starai_bot", "/new@starai_bot"])
      writeText(telegram, { user: 99, bot: true, name: "Other", chat: GROUP, replyTo: ours?.id, text });
    await stack.untilStored(5);
    await stack.untilHandled();
    expect(await stack.transcript(GROUP)).toHaveLength(6);
    await stack.say(42, "@starai_bot still here?", { chat: GROUP });
    await stack.until(GROUP, (all) => all.at(-1)?.text === "You said: still here?");
    expect(stack.thinking.begun).toEqual(["hello", "still here?"]);
  },

  "7-11": async (stack) => {
    await stack.say(42, "before");
    await stack.until(42, (all) => all.length === 2);
    await fetch(`${stack.base}/bot${stack.token}/setWebhook?url=https://elsewhere.invalid/hook`);
    await stack.say(42, "after");
    await stack.until(42, (all) => all.at(-1)?.text === "You said: after");
    expect(stack.simulator.telegram.world.webhook).toBeNull();
  },
};

test.each(reports)("$id, $kind: $expected", async ({ id }) => {
  await using stack = await openBotStack();
  expect(Object.keys(CASES)).toContain(id);
  await CASES[id]?.(stack);
});
