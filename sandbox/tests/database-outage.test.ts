/** The embedded PostgreSQL dies in the middle of answers: the server recovers by itself, and every answer is whole. */
import { readFile, readdir, rename } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { startAskingServer, temporaryHome, undisturbed } from "./asking-server.ts";
import type { AskingServer } from "./asking-server.ts";

const PEOPLE = [1, 2, 3, 4, 5, 6];

async function killPostgres(home: string): Promise<void> {
  const file = path.join(home, "database/data/postmaster.pid");
  process.kill(Number((await readFile(file, "utf8")).split("\n")[0]), "SIGKILL");
}

/** Removes PostgreSQL's program, so that it cannot be restarted. Returns a function that puts it back. */
async function removeProgram(home: string): Promise<() => Promise<void>> {
  const [version] = await readdir(path.join(home, "postgres"));
  const program = path.join(home, "postgres", version ?? "", "bin/postgres");
  await rename(program, `${program}.away`);
  return () => rename(`${program}.away`, program);
}

test("PostgreSQL is killed repeatedly during answers, and each answer is the undisturbed one", async () => {
  const home = await temporaryHome();
  const stack = await startAskingServer({ home });
  await stack.worker.join(stack.url);
  for (const person of PEOPLE) await stack.ask(person);
  for (const kill of [1, 2, 3]) {
    await expect.poll(stack.stored, { timeout: 20_000 }).toBeGreaterThan(kill * 200);
    await killPostgres(home);
    const backs = () => stack.logged().filter((line) => line === "the database is back").length;
    await expect.poll(backs, { timeout: 30_000 }).toBe(kill);
  }
  const whole = PEOPLE.map((person) => ({ status: "answered", answer: undisturbed(`q${person}`) }));
  await expect.poll(stack.ends, { timeout: 30_000 }).toEqual(whole);
  expect((await stack.health()).body).toMatchObject({ ok: true, status: "ok", database: "ok", message: null });
}, 120_000);

test("while PostgreSQL is down it is reported once and new work is refused; later all recovers by itself", async () => {
  const home = await temporaryHome();
  const stack = await startAskingServer({ home });
  await stack.worker.join(stack.url);
  await stack.ask(1);
  await expect.poll(stack.stored, { timeout: 20_000 }).toBeGreaterThan(0);
  const restoreProgram = await removeProgram(home);
  await killPostgres(home);

  await expect.poll(stack.health, { timeout: 10_000 }).toMatchObject({
    code: 503,
    body: { ok: false, status: "degraded", database: "away", message: expect.stringContaining("database is away") },
  });
  const refused = await stack.app.request("/v1/chat/completions", { method: "POST" });
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "2"]);
  expect(await refused.json()).toMatchObject({ error: { message: expect.stringContaining("Send this again later") } });
  const asked = stack.ask(2);
  // Long enough for a dozen flushes, renewals and dispatches to meet the fault.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await restoreProgram();
  await asked;

  const whole = [1, 2].map((person) => ({ status: "answered", answer: undisturbed(`q${person}`) }));
  await expect.poll(stack.ends, { timeout: 30_000 }).toEqual(whole);
  expect((await stack.health()).code).toBe(200);
  expect(
    stack
      .troubles()
      .filter((line) => /database|PostgreSQL|stored|written|fault/.test(line))
      .toSorted(),
  ).toEqual([
    ...Array.from({ length: tries(stack) }, () => "PostgreSQL does not come up yet; trying again"),
    "PostgreSQL ended by itself; starting it again",
    "the database is away; asking for it until it is back",
  ]);
  expect(tries(stack)).toBeLessThan(7);
}, 120_000);

const tries = ({ troubles }: AskingServer) =>
  troubles().filter((line) => line.startsWith("PostgreSQL does not come up yet")).length;
