/** From nothing to a first answer: the served command in an empty home, with npm's own packages and a real engine. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { expect, test } from "vitest";
import { createApiKey } from "../gateway/api-keys.ts";
import { createTestDatabase } from "../testing/database.ts";
import { startServerProcess } from "../testing/server-process.ts";

/** It fetches 0.1 GB of packages. */
const isLong = process.env["LONG_TESTS"] === "1";
const LONG_MS = 15 * 60_000;

test.skipIf(!isLong)(
  "a machine that has only Node.js joins with one command and answers",
  async () => {
    await using database = await createTestDatabase();
    await using server = await startServerProcess(database.connection);
    const home = await mkdtemp(path.join(os.tmpdir(), "starai-stranger-"));
    const began = performance.now();
    const took = () => `${((performance.now() - began) / 1000).toFixed(0)} s`;
    const machine = spawn("sh", ["-c", 'curl -fsS "$1/join" | sh', "sh", server.url], {
      // Ended as a whole, as by Ctrl-C in a terminal.
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        PATH: process.env["PATH"],
        HOME: home,
        STARAI_MODEL: PLUMBING_MODEL,
        STARAI_MODELS: modelsFolder(process.env, os.homedir()),
        STARAI_THREADS: "1",
      },
    });
    let said = "";
    machine.stderr.on("data", (text: Buffer) => (said += text.toString()));
    try {
      const online = async () => (await (await fetch(`${server.url}/api/pool`)).json()) as { workersOnline: number };
      await expect
        .poll(async () => ({ code: machine.exitCode, ...(await online()) }), { timeout: LONG_MS, interval: 500 })
        .toMatchObject({ code: null, workersOnline: 1 });
      console.log(`joined after ${took()}`);
      const { key } = await createApiKey(database, "a caller");
      const answer = await fetch(`${server.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ model: PLUMBING_MODEL, messages: [{ role: "user", content: "Hello" }], max_tokens: 8 }),
      });
      expect({ status: answer.status, text: await answer.text() }).toMatchObject({ status: 200 });
      console.log(`answered after ${took()}`);
    } catch (error) {
      throw new Error(`the machine said:\n${said.slice(-4_000)}`, { cause: error });
    } finally {
      if (machine.exitCode === null) process.kill(-machine.pid!, "SIGINT");
      await once(machine, "exit");
      await rm(home, { recursive: true, force: true });
    }
  },
  LONG_MS,
);
