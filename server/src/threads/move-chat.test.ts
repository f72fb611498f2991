import { asc } from "drizzle-orm";
import { expect, test } from "vitest";
import { threads } from "../db/schema.ts";
import { choosePersona, getPersona } from "./choose-persona.ts";
import { moveChat } from "./move-chat.ts";
import { closeThread } from "./open-thread.ts";
import { receiveMessage } from "./receive-message.ts";
import { openTestThreads } from "../testing/threads.ts";

const person = { telegramId: 42, name: "Ann", language: "en" };
const OLD = "telegram:-7";
const NEW = "telegram:-1007";
let next = 0;

async function opened() {
  const stack = await openTestThreads();
  const say = async (chat: string, text: string) => {
    const asked = await receiveMessage(stack.ctx, { person, chat, externalId: `x:${next++}`, text });
    await stack.ended(asked.run);
    return asked.thread;
  };
  const rows = () =>
    stack.ctx.db
      .select({ id: threads.id, chat: threads.chat, current: threads.current })
      .from(threads)
      .orderBy(asc(threads.createdAt));
  return { ...stack, say, rows };
}

test("a chat that moves keeps all its threads, the current one and its persona; a repeat changes nothing", async () => {
  await using stack = await opened();
  const left = await stack.say(OLD, "before /new");
  await closeThread(stack.ctx, OLD);
  const current = await stack.say(OLD, "after it");
  await choosePersona(stack.ctx, { person, chat: OLD, persona: "teacher" });
  const moved = [
    { id: left, chat: NEW, current: false },
    { id: current, chat: NEW, current: true },
  ];
  expect(await moveChat(stack.ctx, { from: OLD, to: NEW })).toBe(2);
  expect(await stack.rows()).toEqual(moved);
  expect(await moveChat(stack.ctx, { from: OLD, to: NEW })).toBe(0);
  expect(await stack.rows()).toEqual(moved);
  expect(await getPersona(stack.ctx, NEW)).toMatchObject({ thread: current, persona: "teacher" });
  expect(await stack.say(NEW, "go on")).toBe(current);
});

test("a move keeps the new chat's current thread if it has messages, and replaces an empty one", async () => {
  await using stack = await opened();
  await stack.say(OLD, "old words");
  const here = await stack.say(NEW, "new words");
  await moveChat(stack.ctx, { from: OLD, to: NEW });
  expect(await stack.say(NEW, "more")).toBe(here);

  const group = await stack.say("telegram:-8", "old words");
  await choosePersona(stack.ctx, { person, chat: "telegram:-1008", persona: "friend" });
  await moveChat(stack.ctx, { from: "telegram:-8", to: "telegram:-1008" });
  expect(await stack.say("telegram:-1008", "more")).toBe(group);
});
