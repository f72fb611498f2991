/** PostgreSQL as a child: found again after our end, and started again after its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Pool } from "pg";
import { pino } from "pino";
import type { Logger } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";
import { connect } from "./open-database.ts";

const BINARIES = path.join(os.tmpdir(), `starai-postgres-${os.userInfo().uid}`);
const MODULE = fileURLToPath(new URL("embedded-postgres.ts", import.meta.url));

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "starai-kept-"));
  await chmod(folder, 0o755);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function listeningLog(): { log: Logger; said: string[] } {
  const said: string[] = [];
  const write = (line: string) => void said.push((JSON.parse(line) as { msg: string }).msg);
  return { log: pino({ level: "info" }, { write }), said };
}

async function start(folder: string) {
  const { log, said } = listeningLog();
  const postgres = await startEmbeddedPostgres(folder, BINARIES, log);
  onTestFinished(() => postgres.stop());
  return { ...postgres, said };
}

const postmaster = async (folder: string) =>
  Number((await readFile(path.join(folder, "data/postmaster.pid"), "utf8")).split("\n")[0]);

test("a database orphaned by a killed server is found again, not started twice, and then watched as well", async () => {
  const folder = await temporaryFolder();
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(MODULE)});
    await startEmbeddedPostgres(${JSON.stringify(folder)}, ${JSON.stringify(BINARIES)}, {});
    process.kill(process.pid, "SIGKILL");`;
  const server = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    stdio: "inherit",
  });
  await once(server, "exit");
  const orphan = await postmaster(folder);
  const found = await start(folder);
  expect(found.adopted).toBe(true);
  expect(await postmaster(folder)).toBe(orphan);

  process.kill(orphan, "SIGKILL");
  await expect.poll(() => found.said, { timeout: 20_000 }).toContain("PostgreSQL runs again");
  expect(await postmaster(folder)).not.toBe(orphan);
});

test("a killed postmaster is started again beside what it left, and a pool goes on with the same address and password", async () => {
  const folder = await temporaryFolder();
  const postgres = await start(folder);
  const opened = connect(postgres.connection, pino({ level: "silent" }), async () => undefined);
  onTestFinished(() => opened.close());
  await opened.pg.query("create table kept (n int)");
  await opened.pg.query("insert into kept values (1)");
  // A transaction that is open while nothing is asked over its connection, and a statement that takes a while.
  const idle = await opened.pg.connect();
  await idle.query("begin");
  const busy = opened.pg.query("select pg_sleep(1)").catch(() => "broke");

  for (const time of [1, 2]) {
    process.kill(await postmaster(folder), "SIGKILL");
    const restarts = () => postgres.said.filter((line) => line === "PostgreSQL runs again").length;
    await expect.poll(restarts, { timeout: 20_000 }).toBe(time);
    const again = () => opened.pg.query("select n from kept").then(({ rows }) => rows as unknown[], String);
    await expect.poll(again, { timeout: 20_000 }).toEqual([{ n: 1 }]);
  }
  await busy;
  await expect(idle.query("commit")).rejects.toThrow(/connection/i);
  idle.release(true);
  expect(postgres.said.filter((line) => !line.includes("does not come up yet"))).toEqual([
    "PostgreSQL ended by itself; starting it again",
    "PostgreSQL runs again",
    "PostgreSQL ended by itself; starting it again",
    "PostgreSQL runs again",
  ]);
});

test("a database that is stopped stays stopped", async () => {
  const folder = await temporaryFolder();
  const postgres = await start(folder);
  await postgres.stop();
  const pool = new Pool(postgres.connection);
  onTestFinished(() => pool.end());
  await expect(pool.query("select 1")).rejects.toThrow("connect ENOENT");
  expect(postgres.said).toEqual([]);
});

test.skipIf(process.getuid?.() !== 0)(
  "as root, a data folder below one that PostgreSQL's account may not enter fails with that folder and what to do",
  async () => {
    // Closed as /root is; the program itself is where everybody can reach it.
    const above = await temporaryFolder();
    const folder = path.join(above, "starai", "postgres");
    await chmod(above, 0o700);
    const refused = start(folder);
    await expect(refused).rejects.toThrow(`that account cannot enter ${above}. Set STARAI_HOME`);
    await expect(refused).rejects.toThrow(`chmod o+x ${above}`);

    // The advice works, and a folder that is closed later fails alike.
    await chmod(above, 0o701);
    const postgres = await start(folder);
    await postgres.stop();
    await chmod(above, 0o700);
    await expect(start(folder)).rejects.toThrow(`cannot enter ${above}`);
  },
);
