/** The database's disk is full for a while: the server reports it, loses nothing, and recovers when there is space. */
import { execFileSync } from "node:child_process";
import { rm, statfs, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createTestDatabase } from "@starai/server/testing/database";
import { startAskingServer, temporaryHome, undisturbed } from "./asking-server.ts";

const PEOPLE = [1, 2, 3];
const WHOLE = PEOPLE.map((person) => ({ status: "answered", answer: undisturbed(`q${person}`) }));
/** Fits a fresh cluster, its program and two checkpoints' worth of WAL; a larger disk would take longer to fill. */
const DISK_MB = 320;

/** Makes every later write of jobs and every new table fail as on a full disk. */
const NO_ROOM = `
  create function no_room() returns trigger language plpgsql as
    $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$;
  create trigger no_room before insert or update on jobs execute function no_room();
  create function no_room_for_tables() returns event_trigger language plpgsql as
    $$ begin raise exception 'could not create file' using errcode = 'disk_full'; end $$;
  create event trigger no_room on ddl_command_start when tag in ('CREATE TABLE AS') execute function no_room_for_tables();`;

/** Mounts a small disk at a data folder; false when this account may not mount. */
function smallDisk(folder: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_MB}m,mode=755`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    return false;
  }
  onTestFinished(() => void execFileSync("umount", ["-l", folder]));
  return true;
}

/** Fills all free space with a file and returns its path. */
async function fill(folder: string): Promise<string> {
  const file = path.join(folder, "ballast");
  const { bavail, bsize } = await statfs(folder);
  await writeFile(file, Buffer.alloc(bavail * bsize)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOSPC") throw error;
  });
  return file;
}

test("a really full disk is reported, new work is refused, and all recovers when there is space", async (context) => {
  const home = await temporaryHome();
  if (!smallDisk(home)) return context.skip("only an account that may mount a disk can fill one up");
  const stack = await startAskingServer({ home });
  await stack.worker.join(stack.url);
  for (const person of PEOPLE) await stack.ask(person);
  const ballast = await fill(home);
  await expect.poll(stack.health, { timeout: 10_000 }).toMatchObject({
    code: 503,
    body: { status: "degraded", storage: "full", message: expect.stringContaining("disk is full") },
  });
  const refused = await stack.app.request("/v1/chat/completions", { method: "POST" });
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "30"]);
  expect(await refused.json()).toMatchObject({ error: { message: expect.stringContaining("makes room") } });
  // Long enough for the answers to end meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 3_000));

  await rm(ballast);
  await expect.poll(stack.health, { timeout: 30_000 }).toMatchObject({
    code: 200,
    body: { status: "ok", storage: "ok", message: null },
  });
  await expect.poll(stack.ends, { timeout: 60_000 }).toEqual(WHOLE);
}, 180_000);

/** Delays that hit while jobs are inserted, while leases are written, and in the middle of answers. */
test.each([0, 20, 300])(
  "a database that cannot write %i ms after a question is detected by its errors, and its recovery by a write",
  async (ms) => {
    const database = await createTestDatabase();
    onTestFinished(() => database.close());
    const stack = await startAskingServer({ home: await temporaryHome(), database });
    await stack.worker.join(stack.url);
    for (const person of PEOPLE) await stack.ask(person);
    await new Promise((resolve) => setTimeout(resolve, ms));
    // The full disk is simulated by a trigger; the errors are PostgreSQL's.
    await database.pg.query(NO_ROOM);
    await expect.poll(stack.health, { timeout: 10_000 }).toMatchObject({ code: 503, body: { storage: "full" } });
    const reading = await stack.app.request("/v1/models", { headers: { authorization: "Bearer nobody" } });
    expect(reading.status).toBe(401);
    // The state stays, and is logged once, however often it is checked.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(stack.logged().filter((line) => line.includes("disk"))).toHaveLength(1);

    await database.pg.query("drop event trigger no_room; drop trigger no_room on jobs;");
    await expect.poll(stack.health, { timeout: 10_000 }).toMatchObject({ code: 200, body: { storage: "ok" } });
    await expect.poll(stack.ends, { timeout: 60_000 }).toEqual(WHOLE);
    expect(stack.logged().filter((line) => line.includes("disk"))).toHaveLength(2);
  },
  120_000,
);
