import type { Update } from "@grammyjs/types";
import { expect, test } from "vitest";
import { addBotToGroup, migrateGroup, setAdmin } from "./group-life.ts";
import { ClientRefusal, writeText } from "./person.ts";
import { testFolder, testSimulator } from "../testing/simulator.ts";

const GROUP = -7;
const SUPERGROUP = -1_000_000_000_007;

function withGroup(folder = testFolder()) {
  const sim = testSimulator(folder);
  addBotToGroup(sim.telegram, { user: 1, chat: GROUP, title: "Friends" });
  return sim;
}

test("the bot receives an update when it is added to a group", async () => {
  await using sim = withGroup();
  const [update] = await sim.ok<Update[]>("getUpdates");
  expect(update?.my_chat_member).toMatchObject({
    chat: { id: GROUP, type: "group", title: "Friends" },
    old_chat_member: { status: "left" },
    new_chat_member: { status: "member", user: { username: "starai_bot" } },
  });
});

test("a migrated group is announced in both chats and accepts no more messages, also after a restart", async () => {
  const folder = testFolder();
  const refusal = {
    ok: false,
    error_code: 400,
    description: "Bad Request: group chat was upgraded to a supergroup chat",
    parameters: { migrate_to_chat_id: SUPERGROUP },
  };
  {
    await using sim = withGroup(folder);
    await sim.ok("sendMessage", { chat_id: GROUP, text: "before" });
    migrateGroup(sim.telegram, { chat: GROUP, to: SUPERGROUP });
    const told = (await sim.ok<Update[]>("getUpdates")).flatMap(({ message }) => (message ? [message] : []));
    expect(told.map(({ chat, migrate_to_chat_id: to }) => [chat.id, to])).toEqual([
      [GROUP, SUPERGROUP],
      [SUPERGROUP, undefined],
    ]);
    expect(told[1]?.migrate_from_chat_id).toBe(GROUP);
    expect(await sim.call("sendMessage", { chat_id: GROUP, text: "after" })).toEqual(refusal);
    expect(() => migrateGroup(sim.telegram, { chat: SUPERGROUP, to: -1 })).toThrow(ClientRefusal);
  }
  await using again = testSimulator(folder);
  expect(await again.call("sendMessage", { chat_id: GROUP, text: "after" })).toEqual(refusal);
  await again.ok("sendMessage", { chat_id: SUPERGROUP, text: "after" });
});

test("getChatMember tells administrators from other members, also after a restart", async () => {
  const folder = testFolder();
  {
    await using sim = withGroup(folder);
    for (const user of [1, 2]) writeText(sim.telegram, { user, chat: GROUP, text: "hi" });
    setAdmin(sim.telegram, { chat: GROUP, user: 1 });
  }
  await using sim = testSimulator(folder);
  const status = async (user_id: number) =>
    (await sim.ok<{ status: string }>("getChatMember", { chat_id: GROUP, user_id })).status;
  expect([await status(1), await status(2)]).toEqual(["administrator", "member"]);
});

test("another bot is marked as a bot", async () => {
  await using sim = withGroup();
  writeText(sim.telegram, { user: 99, bot: true, chat: GROUP, text: "@starai_bot hello" });
  const updates = await sim.ok<Update[]>("getUpdates");
  expect(updates.at(-1)?.message?.from).toMatchObject({ id: 99, is_bot: true });
});
