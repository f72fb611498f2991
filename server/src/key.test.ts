/** `npm run key` as a person runs it, on a database that runs, is stopped or does not exist. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { findEmbeddedPostgres, startEmbeddedPostgres } from "./db/embedded-postgres.ts";
import { lockDataFolder } from "./db/data-folder-lock.ts";
import { migrate } from "./db/migrate.ts";
import { connect, databaseFolder } from "./db/open-database.ts";
import { createTestDatabase } from "./testing/database.ts";
import { ApiKeyCheck } from "./gateway/api-keys.ts";

const ENTRY = fileURLToPath(new URL("key.ts", import.meta.url));
const silent = pino({ level: "silent" });

async function key(words: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ["--import", "tsx", ENTRY, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, ...env },
  });
  const said = { out: "", err: "" };
  child.stdout.on("data", (text: Buffer) => (said.out += text.toString()));
  child.stderr.on("data", (text: Buffer) => (said.err += text.toString()));
  const [code] = (await once(child, "close")) as [number];
  return { code, ...said };
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "starai-key-"));
  await chmod(folder, 0o755);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("a key is made beside a server, works at once, is listed without itself, and ends", async () => {
  await using database = await createTestDatabase();
  const env = { DATABASE_URL: database.url };
  expect(await key(["list"], env)).toMatchObject({ code: 0, out: expect.stringContaining("no keys yet") });

  const made = await key(["create", "Ann's", "laptop"], env);
  expect(made).toMatchObject({ code: 0, err: "" });
  const [text, id] = [/sk-starai-[\w-]{43}/.exec(made.out)?.[0] ?? "", /Id +(\S+)/.exec(made.out)?.[1] ?? ""];
  const check = () => new ApiKeyCheck({ db: database.db, monotonic: () => performance.now() }).verify(text);
  expect(await check()).toEqual({ id, name: "Ann's laptop", owner: null });

  const listed = await key(["list"], env);
  expect(listed.out).toMatch(new RegExp(`^${id}  made \\d{4}-\\d\\d-\\d\\d  in use +the house's +Ann's laptop\\n$`));
  expect(listed.out + listed.err).not.toContain("sk-starai-");

  expect(await key(["revoke", id], env)).toMatchObject({ code: 0, out: expect.stringContaining("within 5 seconds") });
  expect(await check()).toBeNull();
  expect((await key(["list"], env)).out).toContain("revoked ");
  expect(await key(["revoke", id], env)).toMatchObject({ code: 1, err: expect.stringContaining("No key in use") });
});

test("a key of a person is theirs to pay for, with its cap; nobody gets one who never wrote to the bot", async () => {
  await using database = await createTestDatabase();
  const env = { DATABASE_URL: database.url };
  const words = ["create", "her", "script", "--person", "42", "--cap=2.5"];
  expect(await key(words, env)).toMatchObject({ code: 1, err: expect.stringContaining("has written to the bot yet") });
  const person = await database.pg.query("insert into people (telegram_id, name) values (42, 'Ann') returning id");

  const made = await key(words, env);
  expect(made).toMatchObject({ code: 0, err: "" });
  const text = /sk-starai-[\w-]{43}/.exec(made.out)?.[0] ?? "";
  const check = new ApiKeyCheck({ db: database.db, monotonic: () => performance.now() });
  const found = await check.verify(text);
  expect(found).toMatchObject({ name: "her script", owner: person.rows[0].id });
  expect((await database.pg.query("select owner, day from spending_caps")).rows).toEqual([
    { owner: `key:${found?.id}`, day: "2500000" },
  ]);
  expect((await key(["list"], env)).out).toMatch(/in use +of 42 +her script\n$/);
});

test("the database of a data folder is used as it runs, and is started for the command where it does not", async () => {
  const home = await temporaryFolder();
  const folder = databaseFolder(home);
  const postgres = await startEmbeddedPostgres(folder, path.join(home, "postgres"), silent);
  onTestFinished(() => postgres.stop());
  const opened = connect(postgres.connection, silent, async () => undefined);
  const empty = await key(["list"], { STARAI_HOME: home });
  expect(empty).toMatchObject({ code: 1, err: expect.stringContaining("start the server once") });
  await migrate(opened.pg);

  await using lock = await lockDataFolder(home);
  expect(await key(["create", "beside"], { STARAI_HOME: home })).toMatchObject({ code: 0, err: "" });
  expect((await opened.pg.query("select name from api_keys")).rows).toEqual([{ name: "beside" }]);

  await opened.close();
  await postgres.stop();
  const held = await key(["list"], { STARAI_HOME: home });
  expect(held).toMatchObject({ code: 1, err: expect.stringContaining(`in use by process ${process.pid}`) });
  await lock[Symbol.asyncDispose]();
  expect((await key(["list"], { STARAI_HOME: home })).out).toContain("beside");
  expect(await findEmbeddedPostgres(folder)).toBeNull();
});

test("help needs no settings, and missing or wrong input is reported in a sentence", async () => {
  const home = await temporaryFolder();
  for (const words of [["--help"], ["create", "--help"], []]) {
    const help = await key(words);
    expect(help).toMatchObject({ code: 0, err: "" });
    expect(help.out).toContain("npm run key -- revoke ID");
    expect(help.out).toContain("cost nobody anything");
  }
  const wrong: [words: string[], env: Record<string, string>, says: string][] = [
    [["list"], {}, "Set DATABASE_URL or STARAI_HOME"],
    [["list"], { STARAI_HOME: home }, `There is no database in ${home} yet`],
    [["list"], { DATABASE_URL: "mysql://x" }, "postgres://"],
    [["list"], { DATABASE_URL: "postgres://a:b@127.0.0.1:1/x" }, "cannot be reached"],
    [["make"], {}, 'There is no command "make"'],
    [["create"], {}, "needs a name"],
    [["create", "a\u0007b"], {}, "one line"],
    [["revoke", "1"], {}, "needs the id of a key"],
    [["create", "a", "--cap", "5"], {}, "add `--person TELEGRAM_ID`"],
    [["create", "a", "--person", "ann"], {}, "needs a Telegram id"],
    [["create", "a", "--person", "42", "--cap", "0"], {}, "from 0.01 to 1000"],
    [["create", "a", "--owner", "42"], {}, 'There is no option "--owner"'],
    [["create", "--person", "42"], {}, "needs a name"],
  ];
  for (const [words, env, says] of wrong) {
    const { code, out, err } = await key(words, env);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain(says);
    expect(err).not.toMatch(/^ {4}at /m);
  }
});
