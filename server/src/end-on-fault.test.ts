import { expect, test } from "vitest";
import { attempts, jobs } from "./db/schema.ts";
import { createTestDatabase } from "./testing/database.ts";
import { createApiKey } from "./gateway/api-keys.ts";
import { ScriptedWorker } from "./testing/scripted-worker.ts";
import { plumbingModel } from "./testing/pool-stack.ts";
import { startServerProcess } from "./testing/server-process.ts";

/** A fault as one of ours would occur: in a callback whose errors nobody catches. */
const FAULT = `process.on("SIGUSR2", () => { throw new Error("nobody caught this", { cause: new Error("and why") }); });`;

test("a fault nobody caught ends the server with its stack logged and its work left for the next start", async () => {
  await using database = await createTestDatabase();
  const { key } = await createApiKey(database, "test");
  await using server = await startServerProcess(database.connection, { first: FAULT });
  const worker = new ScriptedWorker("ann", [plumbingModel()]);
  await worker.join(server.url);
  const question = { model: "smollm2-135m", messages: [{ role: "user", content: "Hello" }] };
  const answer = fetch(`${server.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(question),
  }).then(
    ({ status }) => status,
    () => "cut off",
  );
  await worker.lease();

  process.kill(server.pid, "SIGUSR2");
  await server.ended;

  expect(server.code).toBe(1);
  expect(server.said).toMatch(/"level":60.*nobody caught this.*SIGUSR2.*and why/);
  expect(await answer).toBe(503);
  expect(await database.db.select().from(jobs)).toMatchObject([{ state: "queued", workerId: null }]);
  expect(await database.db.select().from(attempts)).toMatchObject([{ end: "server_stopped" }]);
});
