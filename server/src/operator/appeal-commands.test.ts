/** What contributors write, and the operator's replies to it, which reach them by the bot. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { appeals, notices, people } from "../db/schema.ts";
import { untoldNotices } from "../notices/untold-notices.ts";
import { createTestDatabase } from "../testing/database.ts";
import type { TestDatabase } from "../testing/database.ts";
import { operatorOver } from "../testing/operator.ts";
import type { TestOperator } from "../testing/operator.ts";

const NOTE = "It was\u001b[2J my cat.";
const REPLY = "We looked at it: the pause is over.";

let database: TestDatabase;
let operator: TestOperator;
let person: string;
let appeal: string;

beforeAll(async () => {
  database = await createTestDatabase();
  operator = operatorOver(database);
  const ann = { telegramId: 77, name: "Ann", language: "ru" };
  const [row] = await database.db.insert(people).values(ann).returning({ id: people.id });
  person = row!.id;
});
beforeEach(async () => {
  for (const table of [appeals, notices]) await database.db.delete(table);
  const values = { person, worker: "f".repeat(64), words: NOTE };
  const [row] = await database.db.insert(appeals).values(values).returning();
  appeal = row!.id;
});
afterAll(() => database[Symbol.asyncDispose]());

const untold = async () => (await untoldNotices(database)).map(({ telegramId, params }) => ({ telegramId, params }));
const told = (reply: string) => ({ telegramId: 77, params: { kind: "appeal_answered", note: NOTE, reply } });
const isAnswered = async () => (await database.db.select().from(appeals))[0]!.answeredAt !== null;

test("notes wait until they are answered, and nothing in them steers a terminal", async () => {
  expect(await operator("appeals")).toContain("It was [2J my cat.");
  expect(await operator("appeals", randomUUID())).toContain("There is no appeal");
  expect(await operator("appeals", appeal)).toContain("is answered");
  expect(await operator("appeals", appeal)).toContain("was answered before");
  expect(await operator("appeals")).toBe("No appeal waits for an answer.");
  expect(await untold()).toEqual([]);
});

test("a reply is brought by the bot to whoever wrote the note, and the note waits no more", async () => {
  expect(await operator("appeal", "reply", appeal.toUpperCase(), REPLY)).toContain("the bot brings the reply");
  expect(await untold()).toEqual([told(REPLY)]);
  expect(await operator("appeals")).toBe("No appeal waits for an answer.");
});

test("the same reply is told once, however often and by how many it is given", async () => {
  await Promise.all([1, 2, 3].map(() => operator("appeal", "reply", appeal, REPLY)));
  expect(await operator("appeal", "reply", appeal, ` ${REPLY} `)).toContain("it is not told twice");
  expect(await untold()).toEqual([told(REPLY)]);
});

test("another reply is a notice of its own, and the note was answered by the first", async () => {
  await operator("appeal", "reply", appeal, REPLY);
  const [before] = await database.db.select().from(appeals);
  expect(await operator("appeal", "reply", appeal, "One more thing: thank you.")).toContain("this reply, too");
  expect(await untold()).toEqual([told(REPLY), told("One more thing: thank you.")]);
  expect((await database.db.select().from(appeals))[0]!.answeredAt).toEqual(before!.answeredAt);
});

test.each([
  ["an id that is none", () => ["1", REPLY], "appeal reply ID"],
  ["an id of nothing", () => [randomUUID(), REPLY], "There is no appeal"],
  ["no text", () => [appeal], "3 to 1000 characters"],
  ["a text of spaces", () => [appeal, "    "], "3 to 1000 characters"],
  ["a text of many pages", () => [appeal, "x".repeat(1_001)], "3 to 1000 characters"],
  ["a text that steers a terminal", () => [appeal, "a\u001b[2Jb"], "one line"],
  ["a text without quotes", () => [appeal, "We", "looked"], "appeal reply ID"],
])("%s is refused, and nobody is told anything", async (_, words, says) => {
  const said = await operator("appeal", "reply", ...words());
  expect(said).toContain(says);
  expect(said.toLowerCase()).toContain("nobody was told anything");
  expect([await untold(), await isAnswered()]).toEqual([[], false]);
});
