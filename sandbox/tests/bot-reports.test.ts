/** Faults that other bots' users reported, tried on ours: each of bot-reports.json ends as it says it should. */
import { expect, test } from "vitest";
import { Refusal } from "@starai/server/errors";
import { Gate, answers } from "@starai/server/threads/scripted-thinking";
import { addBotToGroup, migrateGroup } from "../src/telegram/group-life.ts";
import { writeText } from "../src/telegram/person.ts";
import { openBotHouse } from "./bot-house.ts";
import reports from "./bot-reports.json" with { type: "json" };

type House = Awaited<ReturnType<typeof openBotHouse>>;

const GROUP = -7;
const SUPERGROUP = -1_000_000_000_007;

/** Somebody taps while the bot is away, and comes back when Telegram takes no answer to the tap any more. */
async function tapTooLate(house: House, tap: { user: number; message: number | undefined; button: string }) {
  const { telegram } = house.simulator;
  await house.whileBotIsAway(async () => {
    await house.post("tap", tap);
    for (const { callback_query: query } of telegram.world.pending.values())
      if (query) telegram.callbacks.answer(query.id);
  });
}

const CASES: Record<string, (house: House) => Promise<void>> = {
  "7-1": async (house) => {
    await house.post("fault", { method: "sendRichMessage", kind: "drop", count: 5 });
    await house.say(42, "hello");
    await house.say(42, "second");
    const all = await house.until(42, (messages) => messages.length === 4);
    expect(all.map(({ text }) => text)).toEqual(["hello", "second", "You said: hello", "You said: second"]);
  },

  // Three minutes are waited for in deliver.test.ts; here the same with the seconds of a test.
  "7-1b": async (house) => {
    await house.post("fault", { method: "sendRichMessage", kind: "429", retryAfter: 3, count: 2 });
    await house.say(42, "hello");
    await house.until(42, (messages) => messages.at(-1)?.text === "You said: hello");
    expect(house.calls("sendRichMessage")).toBe(3);
  },

  "7-2": async (house) => {
    house.thinking.script = async function* () {
      yield `{"thought":"","action":{"final_answer":"The beginning`;
      throw new Refusal("attempts_exhausted", "three machines were lost");
    };
    await house.say(42, "hello");
    const [, failed] = await house.until(42, (all) => all.length === 2);
    house.thinking.script = () => answers("The whole answer");
    await tapTooLate(house, { user: 42, message: failed?.id, button: "Continue" });
    const all = await house.until(42, (messages) => messages.at(-1)?.text === "The whole answer");
    expect(all[1]?.buttons.flat()).toEqual([]);
  },

  "7-2b": async (house) => {
    await house.say(42, "remember me");
    await house.say(42, "/privacy");
    const [, , , privacy] = await house.until(42, (all) => all.length === 4);
    await tapTooLate(house, { user: 42, message: privacy?.id, button: "Delete my data" });
    const question = (await house.until(42, (all) => all.at(-1)?.text.startsWith("Delete everything") === true)).at(-1);
    await tapTooLate(house, { user: 42, message: question?.id, button: "Delete everything" });
    await house.until(42, (all) => all.at(-1)?.text.startsWith("Deleted: ") === true);
    expect((await house.ctx.pg.query("select 1 from people")).rows).toEqual([]);
  },

  "7-6": async (house) => {
    const bob = await house.say(43, "Guten Morgen\nzusammen", { chat: GROUP, name: "Bob" });
    await house.say(42, "@starai_bot translate this to English", { chat: GROUP, replyTo: bob });
    const asked = ["translate this to English\n\nAbout this message from Bob:\n> Guten Morgen\n> zusammen"];
    await expect.poll(() => house.thinking.begun).toEqual(asked);
    house.thinking.script = () => answers("The **capital** is Paris.");
    await house.say(42, "capital?");
    const [, answer] = await house.until(42, (all) => all.length === 2);
    await house.say(42, "is it?", { replyTo: answer?.id });
    await house.until(42, (all) => all.length === 4);
    expect(house.thinking.begun.at(-1)).toBe("is it?");
    await house.say(42, "/new");
    await house.say(42, "is it really?", { replyTo: answer?.id });
    await house.until(42, (all) => all.length === 8);
    expect(house.thinking.begun.at(-1)).toBe("is it really?\n\nAbout this answer:\n> The capital is Paris.");
  },

  "7-7": async (house) => {
    const { telegram } = house.simulator;
    addBotToGroup(telegram, { user: 42, chat: GROUP, title: "Friends" });
    await house.until(GROUP, (all) => all.length === 1);
    const rest = new Gate();
    house.thinking.script = async function* ({ question }) {
      yield `{"thought":"","action":{"final_answer":"Growing`;
      await rest.opened;
      yield ` to: ${question}"}}`;
    };
    await house.say(42, "@starai_bot what now", { chat: GROUP });
    await house.until(GROUP, (all) => all.at(-1)?.text === "Growing");
    const stored = house.untilStored(5);
    await house.say(43, "@starai_bot and then", { chat: GROUP });
    migrateGroup(telegram, { chat: GROUP, to: SUPERGROUP });
    await stored;
    rest.open();
    await house.until(SUPERGROUP, (all) => all.at(-1)?.text === "Growing to: and then");
    const texts = (await house.transcript(SUPERGROUP)).map(({ text }) => text);
    expect(texts).toContain("Growing to: what now");
    const seen: string[] = [];
    house.thinking.script = ({ turns }) => {
      seen.push(...turns);
      return answers("here too");
    };
    await house.say(42, "@starai_bot go on", { chat: SUPERGROUP });
    await house.until(SUPERGROUP, (all) => all.at(-1)?.text === "here too");
    expect(seen.join()).toContain("what now");
    const { rows } = await house.ctx.pg.query("select chat, current from threads");
    expect(rows).toEqual([{ chat: `telegram:${SUPERGROUP}`, current: true }]);
  },

  "7-8": async (house) => {
    const { telegram } = house.simulator;
    await house.say(42, "@starai_bot hello", { chat: GROUP });
    const [, ours] = await house.until(GROUP, (all) => all.length === 2 && all[1]?.rich !== null);
    for (const text of ["I see", "@starai_bot and you?", "/help@starai_bot", "/new@starai_bot"])
      writeText(telegram, { user: 99, bot: true, name: "Other", chat: GROUP, replyTo: ours?.id, text });
    await house.untilStored(5);
    await house.untilHandled();
    expect(await house.transcript(GROUP)).toHaveLength(6);
    await house.say(42, "@starai_bot still here?", { chat: GROUP });
    await house.until(GROUP, (all) => all.at(-1)?.text === "You said: still here?");
    expect(house.thinking.begun).toEqual(["hello", "still here?"]);
  },

  "7-11": async (house) => {
    await house.say(42, "before");
    await house.until(42, (all) => all.length === 2);
    await fetch(`${house.base}/bot${house.token}/setWebhook?url=https://elsewhere.invalid/hook`);
    await house.say(42, "after");
    await house.until(42, (all) => all.at(-1)?.text === "You said: after");
    expect(house.simulator.telegram.world.webhook).toBeNull();
  },
};

test.each(reports)("$id, $kind: $expected", async ({ id }) => {
  await using house = await openBotHouse();
  expect(Object.keys(CASES)).toContain(id);
  await CASES[id]?.(house);
});
