/** The bot in a group: its own messages, who may change its settings, and whom it takes for whom. */
import { describe, expect, test } from "vitest";
import { Gate, answers } from "@starai/server/testing/scripted-thinking";
import { ANONYMOUS_ADMIN, addBotToGroup, setAdmin } from "../src/telegram/group-life.ts";
import { openBotStack } from "./bot-stack.ts";

type Stack = Awaited<ReturnType<typeof openBotStack>>;

const GROUP = -1_000_000_000_100;

/** Sends a message as an anonymous administrator, in the group's name. */
function sendAsAnonymousAdmin(stack: Stack, { chat, text }: { chat: number; text: string }) {
  const { telegram } = stack.simulator;
  const group = { id: chat, type: "supergroup" as const, title: `Group ${chat}` };
  telegram.commit({ kind: "chat", chat: group });
  const message_id = telegram.world.nextMessageId(chat);
  const command = /^\/\S+/.exec(text)?.[0];
  const type = command === undefined ? ("mention" as const) : ("bot_command" as const);
  const entities = [{ type, offset: 0, length: command?.length ?? "@starai_bot".length }];
  const message = { message_id, date: 1, chat: group, from: ANONYMOUS_ADMIN, sender_chat: group, text, entities };
  telegram.commit({ kind: "message", stored: { message } });
  telegram.updates.push("message", message);
}

test("the bot explains briefly how to use it when added or started, and not again where it has been used", async () => {
  await using stack = await openBotStack();
  const add = () => addBotToGroup(stack.simulator.telegram, { user: 42, chat: GROUP, title: "Friends" });
  add();
  const [welcome] = await stack.until(GROUP, (all) => all.length === 1);
  expect(welcome?.text).toMatch(/mentions me \(@starai_bot\)/);
  expect(welcome?.text.length).toBeLessThan(400);
  await stack.say(42, "/start@starai_bot", { chat: GROUP });
  const started = await stack.until(GROUP, (all) => all.length === 3);
  expect(started[2]?.text).toBe(welcome?.text);
  await stack.say(42, "@starai_bot hello", { chat: GROUP });
  await stack.until(GROUP, (all) => all.at(-1)?.text === "You said: hello");
  add();
  await stack.say(42, "@starai_bot again", { chat: GROUP });
  const all = await stack.until(GROUP, (messages) => messages.at(-1)?.text === "You said: again");
  expect(all.filter(({ text }) => text === welcome?.text)).toHaveLength(2);
});

test("its name alone gets a reply; in reply to a person's message it asks about that message", async () => {
  await using stack = await openBotStack();
  const called = await stack.say(42, "@starai_bot", { chat: GROUP });
  const [, yes] = await stack.until(GROUP, (all) => all.length === 2);
  expect(yes?.text).toMatch(/^Yes\?/);
  await stack.say(42, "@starai_bot", { chat: GROUP, replyTo: yes?.id });
  await stack.until(GROUP, (all) => all.length === 4 && all[3]?.text === yes?.text);
  expect(called).toBeGreaterThan(0);
  const bob = await stack.say(43, "what is 2+2?", { chat: GROUP });
  await stack.say(42, "@starai_bot", { chat: GROUP, replyTo: bob });
  await stack.until(GROUP, (all) => all.at(-1)?.text === "You said: what is 2+2?");
  expect(stack.thinking.begun).toEqual(["what is 2+2?"]);
});

test("a question about a message includes its caption or quote, but not a topic's first message", async () => {
  await using stack = await openBotStack();
  await stack.say(42, "hi", { chat: GROUP });
  const { telegram } = stack.simulator;
  const chat = telegram.world.chats.get(GROUP);
  const from = telegram.world.users.get(42);
  const base = { date: 1, chat, from, entities: [{ type: "mention", offset: 0, length: 11 }] };
  const photo = { message_id: 800, date: 1, chat, from: { ...from, id: 43, first_name: "Bob" }, photo: [] };
  const ask = (more: object) => telegram.updates.push("message", { ...base, ...more } as never);
  const until = (count: number) =>
    stack.until(GROUP, (all) => all.filter(({ rich }) => rich !== null).length === count);
  ask({ message_id: 801, text: "@starai_bot is it?", reply_to_message: { ...photo, caption: "The Alps" } });
  await until(1);
  const quote = { text: "Alps", position: 4, is_manual: true };
  ask({ message_id: 802, text: "@starai_bot why?", reply_to_message: { ...photo, caption: "The Alps" }, quote });
  await until(2);
  const origin = { type: "channel", chat: { id: -5, type: "channel", title: "News" }, message_id: 1, date: 1 };
  ask({ message_id: 803, text: "@starai_bot true?", external_reply: { origin }, quote: { ...quote, text: "Snow" } });
  await until(3);
  const topic = { message_id: 700, date: 1, chat, from: telegram.me, forum_topic_created: { name: "Hills" } };
  ask({ message_id: 804, text: "just talking", entities: [], reply_to_message: topic, is_topic_message: true });
  ask({ message_id: 805, text: "@starai_bot done?", reply_to_message: photo });
  await until(4);
  expect(stack.thinking.begun).toEqual([
    "is it?\n\nAbout this message from Bob:\n> The Alps",
    "why?\n\nAbout this message from Bob:\n> Alps",
    "true?\n\nAbout this message from News:\n> Snow",
    "done?",
  ]);
});

test("messages between people are ignored, however many, and questions are still answered", async () => {
  await using stack = await openBotStack();
  const rest = new Gate();
  stack.thinking.script = async function* ({ question }) {
    await rest.opened;
    yield* answers(`answer ${question}`);
  };
  await stack.say(42, "@starai_bot one", { chat: GROUP });
  const { telegram } = stack.simulator;
  const [chat, from] = [telegram.world.chats.get(GROUP), telegram.world.users.get(42)];
  for (let message_id = 500; message_id < 520; message_id++)
    telegram.updates.push("message", { message_id, date: 1, chat, from, text: "among us" } as never);
  await stack.say(42, "@starai_bot two", { chat: GROUP });
  await stack.untilStored(22);
  rest.open();
  const all = await stack.until(GROUP, (messages) => messages.at(-1)?.text === "answer two");
  expect(all.filter(({ from: who }) => who === "bot").map(({ text }) => text)).toEqual(["answer one", "answer two"]);
});

describe("how it answers", () => {
  test("only administrators, anonymous ones too, change how the bot answers, by command or by button", async () => {
    await using stack = await openBotStack();
    await stack.say(42, "/persona@starai_bot teacher", { chat: GROUP });
    const [, refused] = await stack.until(GROUP, (all) => all.length === 2);
    expect(refused?.text).toMatch(/^Only this group’s administrators/);
    await stack.say(42, "/persona@starai_bot", { chat: GROUP });
    const page = (await stack.until(GROUP, (all) => all.length === 4))[3];
    await stack.post("tap", { user: 42, chat: GROUP, message: page?.id, button: "Friend" });
    await stack.untilHandled();
    await stack.until(GROUP, () => stack.tapAnswers().at(-1)?.startsWith("Only this group’s") === true);
    const persona = async () =>
      (await stack.ctx.pg.query("select persona from threads where chat = $1", [`telegram:${GROUP}`])).rows;
    expect(await persona()).toEqual([]);

    setAdmin(stack.simulator.telegram, { chat: GROUP, user: 42 });
    await stack.post("tap", { user: 42, chat: GROUP, message: page?.id, button: "Friend" });
    await stack.until(GROUP, (all) => all[3]?.buttons.flat().some(({ text }) => text === "✓ Friend") === true);
    expect(await persona()).toEqual([{ persona: "friend" }]);
    sendAsAnonymousAdmin(stack, { chat: GROUP, text: "/persona@starai_bot coder" });
    await stack.until(
      GROUP,
      (all) =>
        all
          .at(-1)
          ?.buttons.flat()
          .some(({ text }) => text === "✓ Programmer") === true,
    );
    expect(await persona()).toEqual([{ persona: "coder" }]);
  });
});

test("anonymous administrators of two groups are two people with separate settings", async () => {
  await using stack = await openBotStack();
  stack.thinking.script = () => answers("noted");
  for (const chat of [GROUP, GROUP - 1]) {
    sendAsAnonymousAdmin(stack, { chat, text: "@starai_bot hello" });
    await stack.until(chat, (all) => all.at(-1)?.text === "noted");
  }
  const { rows } = await stack.ctx.pg.query("select telegram_id from people order by telegram_id");
  expect(rows.map((row) => Number(row.telegram_id))).toEqual([2 ** 52 - GROUP, 2 ** 52 - GROUP + 1]);
});
