/** Two servers on one database: the second one waits, then takes over everything or exits with a message. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { createTestDatabase } from "@starai/server/testing/database";
import { healthOf, startAskingServer, temporaryHome, undisturbed } from "./asking-server.ts";
import type { AskingServer } from "./asking-server.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PEOPLE = [1, 2, 3];
const WHOLE = PEOPLE.map((person) => ({ status: "answered", answer: undisturbed(`q${person}`) }));

async function testDatabase() {
  const database = await createTestDatabase();
  onTestFinished(() => database.close());
  return database;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Starts a server and waits until it is in the middle of its answers. */
async function answering(env: Record<string, string>): Promise<AskingServer> {
  const stack = await startAskingServer({ home: await temporaryHome(), env });
  await stack.worker.join(stack.url);
  for (const person of PEOPLE) await stack.ask(person);
  await expect.poll(stack.stored, { timeout: 20_000 }).toBeGreaterThan(100);
  return stack;
}

test("a second server waits, logs it, changes nothing, and takes over in the middle of answers", async () => {
  const { url: DATABASE_URL, pg } = await testDatabase();
  const first = await answering({ DATABASE_URL });
  const port = await freePort();
  const starting = startAskingServer({ home: await temporaryHome(), env: { DATABASE_URL, PORT: String(port) } });
  const url = `http://127.0.0.1:${port}`;
  const health = () => healthOf(url).catch(() => null);
  await expect.poll(health, { timeout: 10_000 }).toMatchObject({ code: 503, body: { status: "waiting", ok: false } });
  const refused = await fetch(`${url}/v1/chat/completions`, { method: "POST" });
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "2"]);

  const before = await first.stored();
  await expect.poll(first.stored, { timeout: 10_000 }).toBeGreaterThan(before);
  const leases = await pg.query("select max(fence) as most from jobs");
  expect(leases.rows).toEqual([{ most: 1 }]);

  await first.worker.leave();
  await first.close(0);
  const second = await starting;
  expect((await second.health()).body).toMatchObject({ status: "ok", database: "ok", storage: "ok" });
  await second.worker.join(second.url);
  await expect.poll(second.ends, { timeout: 30_000 }).toEqual(WHOLE);
}, 120_000);

test("a second server on the same port takes over the port as well", async () => {
  const { url: DATABASE_URL } = await testDatabase();
  const first = await answering({ DATABASE_URL });
  const PORT = new URL(first.url).port;
  const starting = startAskingServer({ home: await temporaryHome(), env: { DATABASE_URL, PORT } });
  await first.close(60_000);
  const second = await starting;
  expect(second.url).toBe(first.url);
  expect(await second.ends()).toEqual(WHOLE);
}, 120_000);

test("a second server that waited in vain exits with a message and a code, and the first one is not affected", async () => {
  const { url: DATABASE_URL } = await testDatabase();
  const first = await answering({ DATABASE_URL });
  const env = {
    DATABASE_URL,
    PORT: "0",
    STARAI_HOME: await temporaryHome(),
    STARAI_BOT_KEY: "0".repeat(32),
    STARAI_HANDOVER_WAIT_S: "1",
  };
  const second = spawn(process.execPath, ["--import", "tsx", "server/src/main.ts"], {
    cwd: ROOT,
    env: { ...process.env, ...env },
  });
  let said = "";
  second.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = await once(second, "close");
  expect(code).toBe(1);
  expect(said).toMatch(/Another server \(starai .*\) works on this database and did not stop within 1 s/);
  await expect.poll(first.ends, { timeout: 30_000 }).toEqual(WHOLE);
  expect(first.troubles().filter((line) => /database|row/.test(line))).toEqual([]);
}, 120_000);

test("a server that loses its database lock to another one closes and leaves its answers to it", async () => {
  const { url: DATABASE_URL, pg } = await testDatabase();
  const lost: string[] = [];
  const first = await startAskingServer({
    home: await temporaryHome(),
    env: { DATABASE_URL },
    lost: (why) => void lost.push(why.message),
  });
  await first.worker.join(first.url);
  for (const person of PEOPLE) await first.ask(person);
  await expect.poll(first.stored, { timeout: 20_000 }).toBeGreaterThan(100);

  // It queues for the lock inside the database, so it gets it before the first server reconnects.
  const other = await pg.connect();
  await other.query("set application_name = 'the other'");
  const got = other.query("select pg_advisory_lock(7243001)");
  await expect.poll(() => pg.query("select from pg_locks where not granted").then((r) => r.rowCount)).toBe(1);
  await pg.query(
    "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and objid = 7243001",
  );
  await got;
  await expect.poll(() => lost, { timeout: 20_000 }).toEqual([expect.stringContaining("(the other")]);
  await expect(fetch(first.url)).rejects.toThrow("fetch failed");
  const left = await pg.query("select distinct status from runs");
  expect(left.rows).toEqual([{ status: "running" }]);
  other.release(true);

  const second = await startAskingServer({ home: await temporaryHome(), env: { DATABASE_URL } });
  await second.worker.join(second.url);
  await expect.poll(second.ends, { timeout: 30_000 }).toEqual(WHOLE);
}, 120_000);
