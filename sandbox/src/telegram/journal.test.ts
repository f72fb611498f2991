import fs from "node:fs";
import path from "node:path";
import type { Update } from "@grammyjs/types";
import { expect, test } from "vitest";
import { testFolder, testSimulator } from "../testing/simulator.ts";
import { MESSAGES_PER_CHAT_MAX, World } from "./world.ts";

test("a reopened simulator has the same chats, settings and queued updates, and continues its ids", async () => {
  const folder = testFolder();
  const first = testSimulator(folder);
  await first.sim("text", { user: 7, text: "remember me", name: "Ann" });
  await first.ok("sendRichMessage", { chat_id: 7, rich_message: { markdown: "**yes**" } });
  await first.ok("setMyCommands", { commands: [{ command: "start", description: "Begin" }] });
  await first.sim("block", { user: 7 });
  const before = await first.transcript(7);
  // Not disposed, since a killed process closes nothing either.
  await using second = testSimulator(folder);
  expect(await second.transcript(7)).toEqual(before);
  expect(await second.ok("getMyCommands")).toEqual([{ command: "start", description: "Begin" }]);
  expect(await second.call("sendMessage", { chat_id: 7, text: "x" })).toMatchObject({ error_code: 403 });
  const ids = (await second.ok<Update[]>("getUpdates")).map(({ update_id }) => update_id);
  expect(ids).toEqual([1, 2]);
  await second.ok("getUpdates", { offset: 3 });
  await second[Symbol.asyncDispose]();
  await using third = testSimulator(folder);
  await third.sim("text", { user: 7, text: "again" });
  expect((await third.ok<Update[]>("getUpdates")).map(({ update_id }) => update_id)).toEqual([3, 4]);
});

test("a line cut by a kill is dropped and everything before it stays", async () => {
  const folder = testFolder();
  const first = testSimulator(folder);
  await first.sim("text", { user: 7, text: "whole" });
  await first[Symbol.asyncDispose]();
  fs.appendFileSync(path.join(folder, "journal.jsonl"), '{"kind":"message","stored":{"mess');
  await using second = testSimulator(folder);
  expect((await second.transcript(7)).messages.map(({ text }) => text)).toEqual(["whole"]);
});

test("the journal is readable to its owner only", async () => {
  await using sim = testSimulator();
  expect(fs.statSync(path.join(sim.folder, "journal.jsonl")).mode & 0o777).toBe(0o600);
});

test("a chat keeps its newest messages and continues their ids", () => {
  const world = new World();
  const chat = { id: 1, type: "private" as const, first_name: "Ann" };
  for (let id = 1; id <= MESSAGES_PER_CHAT_MAX + 5; id++)
    world.apply({ kind: "message", stored: { message: { message_id: id, chat, date: 0, text: "x" } } });
  expect(world.messages.get(1)?.size).toBe(MESSAGES_PER_CHAT_MAX);
  expect(world.message(1, 5)).toBeUndefined();
  expect(world.message(1, 6)).toBeDefined();
  expect(world.nextMessageId(1)).toBe(MESSAGES_PER_CHAT_MAX + 6);
});
