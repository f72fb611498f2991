/** `npm run operator` as a person runs it, beside a database; its effect on a server: pool/watch-standing.test.ts. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, expect, test } from "vitest";
import { workers } from "./db/schema.ts";
import { createTestDatabase } from "./testing/database.ts";
import { operatorOver } from "./testing/operator.ts";
import { OPERATOR_HELP } from "./operator/operator-command.ts";

const ENTRY = fileURLToPath(new URL("operator.ts", import.meta.url));
const [ANN, BOB, EVE] = ["a", "b", "e"].map((letter) => letter.repeat(64)) as [string, string, string];

const database = await createTestDatabase();
afterAll(() => database[Symbol.asyncDispose]());

beforeEach(async () => {
  await database.db.delete(workers);
  const row = { version: "1", completed: 7, failed: 1 };
  await database.db.insert(workers).values([
    { ...row, id: ANN, name: "ann" },
    { ...row, id: BOB, name: "bob\u001b[31m" },
  ]);
});

const operator = operatorOver(database);

test("the command runs beside a server's database, and its help needs none", async () => {
  const env = { PATH: process.env.PATH, DATABASE_URL: database.url };
  expect(await run(["drain", "ann"], env)).toMatchObject({ code: 0, out: expect.stringContaining("ann"), err: "" });
  expect(await operator("workers")).toMatch(new RegExp(`^${ANN}.*7 done, 1 failed .*ann  drained$`, "m"));
  const { PATH } = env;
  expect(await run(["--help"], { PATH })).toMatchObject({ code: 0, err: "", out: `${OPERATOR_HELP}\n` });
  const fee = ["fee", "12", "5", "--why", "costs rose"];
  expect(await run(fee, { ...env, USER: "anna" })).toMatchObject({ code: 0, err: "" });
  expect(await operator("acts")).toMatch(/anna: fee .*\n +because: costs rose/);
  expect(await run(fee, env)).toMatchObject({ code: 1, err: expect.stringContaining("--who") });
  expect(await run(["workers"], { PATH })).toMatchObject({ code: 1, err: expect.stringContaining("STARAI_HOME") });
});

test("a ban and a drain are listed with their reasons until they are taken back", async () => {
  expect(await operator("workers")).toContain("ann  may work");
  await operator("ban", "ann", "--reason", "sends broken text");
  await operator("drain", BOB.slice(0, 8), "--reason", "moves house");
  expect(await operator("workers")).toMatch(/ann {2}banned: sends broken text$/m);
  expect(await operator("workers")).toMatch(/ {2}drained: moves house$/m);
  await operator("unban", "ann");
  await operator("undrain", BOB);
  expect(await operator("workers")).not.toMatch(/banned|drained/);
});

test("a key that was never given work can be banned before it is", async () => {
  expect(await operator("ban", EVE)).toContain("is banned");
  expect(await operator("workers")).toMatch(new RegExp(`^${EVE}.*banned$`, "m"));
});

test.each([
  [["ban"], "Name one worker"],
  [["ban", "ann", "bob"], "Name one worker"],
  [["ban", "carl"], 'No worker here is called "carl"'],
  [["ban", "%"], 'No worker here is called "%"'],
  [["ban", "aaa"], 'No worker here is called "aaa"'],
  [["unban", "ann"], "is not banned"],
  [["undrain", "ann"], "is not drained"],
  [["ban", "ann", "--why", "x"], "The only option is --reason"],
  [["ban", "ann", "--reason", "a\nb"], "one line"],
  [["ban", "ann", "--reason", "x".repeat(201)], "at most 200"],
  [["workers", "ann"], "takes no arguments"],
  [["fire", "ann"], 'There is no command "fire"'],
])("%j is refused in words and changes nothing", async (words, says) => {
  expect(await operator(...words)).toContain(`refused: `);
  expect(await operator(...words)).toContain(says);
  expect(await operator("workers")).not.toMatch(/banned|drained/);
});

test("a name that two workers have is refused; a decision already made is reported", async () => {
  await database.db.insert(workers).values({ id: EVE, name: "ann", version: "1" });
  expect(await operator("ban", "ann")).toContain('More than one worker is called "ann"');
  expect(await operator("ban", EVE)).toContain("is banned");
  expect(await operator("ban", EVE)).toContain("is banned already");
});

test("what a worker chose as its name does not steer the terminal", async () => {
  expect(await operator("workers")).not.toContain("\u001b");
});

async function run(words: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, ["--import", "tsx", ENTRY, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    env,
  });
  const said = { out: "", err: "" };
  child.stdout.on("data", (text: Buffer) => (said.out += text.toString()));
  child.stderr.on("data", (text: Buffer) => (said.err += text.toString()));
  const [code] = (await once(child, "close")) as [number];
  return { code, ...said };
}
