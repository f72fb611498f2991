/** Whatever bytes reach the port, the server lives, and none of them reaches a boundary where faults are caught. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ServedModel } from "@starai/protocol/worker-frames";
import { createTestDatabase } from "./testing/database.ts";
import { ScriptedWorker } from "./testing/scripted-worker.ts";
import { fuzzPort } from "./testing/fuzz.ts";
import { startServerProcess } from "./testing/server-process.ts";
import type { ServerProcess } from "./testing/server-process.ts";

const isLong = process.env.LONG_TESTS === "1";
const INPUTS = isLong ? 1_000_000 : 8_000;
/** In `npm test` a slow machine sends less instead of taking longer. */
const SHORT_MS = 6_000;
const LONG_MS = 40 * 60_000;
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let server: ServerProcess;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startServerProcess(database.connection);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

/** What the log says once each, without the stacks. */
function complaintsIn(said: string): string[] {
  const lines = said.split("\n").filter((line) => line !== "");
  return [
    ...new Set(lines.map((line) => line.replace(/.*?"err":\{"type":"\w+","message":"([^"]*)".*(?="path")/, "$1 "))),
  ];
}

test(
  "raw bytes from strangers end in a refusal, and a worker joins afterwards",
  async () => {
    const over = performance.now() + SHORT_MS;
    const tally = await fuzzPort(server.port, {
      seed,
      inputs: INPUTS,
      isOver: () => server.code !== null || (!isLong && performance.now() > over),
    });
    console.log(`seed ${seed}: ${JSON.stringify(tally)}`);
    expect({ code: server.code, complaints: complaintsIn(server.said) }).toEqual({ code: null, complaints: [] });
    expect(tally.inputs).toBeGreaterThanOrEqual(isLong ? INPUTS : 1_000);
    expect(Object.entries(tally.kinds).filter(([, count]) => count === 0)).toEqual([]);
    // 503 comes from /app/ until it is built, and from any route under overload.
    expect(Object.keys(tally.statuses).filter((status) => status.startsWith("5") && status !== "503")).toEqual([]);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const models: ServedModel[] = [];
    const worker = new ScriptedWorker("ann", models);
    await expect(worker.join(server.url)).resolves.toMatchObject({ type: "welcome" });
    await worker.leave();
  },
  isLong ? LONG_MS : 120_000,
);
