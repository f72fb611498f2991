import { asc } from "drizzle-orm";
import { expect, test } from "vitest";
import { threads } from "../db/schema.ts";
import { choosePersona, getPersona } from "./choose-persona.ts";
import { moveChat } from "./move-chat.ts";
import { closeThread } from "./open-thread.ts";
import { receiveMessage } from "./receive-message.ts";
import { openTestThreads } from "./test-threads.ts";

const person = { telegramId: 42, name: "Ann", language: "en" };
const OLD = "telegram:-7";
const NEW = "telegram:-1007";
let next = 0;

async function opened() {
  const house = await openTestThreads();
  const say = async (chat: string, text: string) => {
    const asked = await receiveMessage(house.ctx, { person, chat, externalId: `x:${next++}`, text });
    await house.ended(asked.run);
    return asked.thread;
  };
  const rows = () =>
    house.ctx.db
      .select({ id: threads.id, chat: threads.chat, current: threads.current })
      .from(threads)
      .orderBy(asc(threads.createdAt));
  return { ...house, say, rows };
}

test("a chat that moves keeps all its threads, the current one and its persona; said again nothing changes", async () => {
  await using house = await opened();
  const left = await house.say(OLD, "before /new");
  await closeThread(house.ctx, OLD);
  const current = await house.say(OLD, "after it");
  await choosePersona(house.ctx, { person, chat: OLD, persona: "teacher" });
  const moved = [
    { id: left, chat: NEW, current: false },
    { id: current, chat: NEW, current: true },
  ];
  expect(await moveChat(house.ctx, { from: OLD, to: NEW })).toBe(2);
  expect(await house.rows()).toEqual(moved);
  expect(await moveChat(house.ctx, { from: OLD, to: NEW })).toBe(0);
  expect(await house.rows()).toEqual(moved);
  expect(await getPersona(house.ctx, NEW)).toMatchObject({ thread: current, persona: "teacher" });
  expect(await house.say(NEW, "go on")).toBe(current);
});

test("cannot push away what was said in the new chat already, but does push away an empty thread", async () => {
  await using house = await opened();
  await house.say(OLD, "old words");
  const here = await house.say(NEW, "new words");
  await moveChat(house.ctx, { from: OLD, to: NEW });
  expect(await house.say(NEW, "more")).toBe(here);

  const group = await house.say("telegram:-8", "old words");
  await choosePersona(house.ctx, { person, chat: "telegram:-1008", persona: "friend" });
  await moveChat(house.ctx, { from: "telegram:-8", to: "telegram:-1008" });
  expect(await house.say("telegram:-1008", "more")).toBe(group);
});
