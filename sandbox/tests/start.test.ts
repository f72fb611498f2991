/** Starts and ends of the stack: its ports, folders and processes when something goes wrong. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { readFileSync, statSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Stack, processesOf } from "../src/stack-process.ts";
import { writeFirstEdition } from "../src/testing/kept-chain.ts";

const MODEL = "smollm2-135m";

async function temporaryHome(): Promise<string> {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-start-"));
  await chmod(home, 0o755);
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  return home;
}

async function open(options: Partial<Parameters<typeof Stack.open>[0]> & { home: string }): Promise<Stack> {
  const stack = await Stack.open({ model: MODEL, ...options });
  onTestFinished(async () => {
    await stack.interrupt();
  });
  return stack;
}

const names = (stack: Stack) =>
  stack.processes().map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    } catch {
      return "";
    }
  });

test("a start ends by printing its addresses; a kill -9 ends the worker, and the next start has the same key and chats", async () => {
  const home = await temporaryHome();
  const first = await open({ home });
  await first.until("the last lines", 10_000, async () => first.output.includes("Stop    Ctrl-C"));
  expect(first.output).toContain(`Open    ${first.url}/`);
  expect(first.output).toContain(`Chain   ${first.url}/ton/`);
  expect(first.output).toMatch(/curl http\S+\/v1\/chat\/completions/);
  expect(first.output).toContain(`Data    ${home}`);
  expect(statSync(path.join(home, "secrets.json")).mode & 0o777).toBe(0o600);
  const key = first.apiKey;
  expect((await fetch(`${first.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(200);
  await first.write(5, "/help");
  await first.until("an answer", 20_000, async () => (await first.transcript(5)).messages.length > 1);

  await first.killNow();
  await first.until("only the database is left", 30_000, async () =>
    names(first).every((name) => name.includes("postgres")),
  );

  const second = await open({ home, port: first.port });
  expect(second.apiKey).toBe(key);
  expect((await second.transcript(5)).messages[0]?.text).toBe("/help");
  expect(await second.interrupt()).toBeLessThan(10_000);
  await second.until("nothing is left", 5_000, async () => second.processes().length === 0);
}, 240_000);

test("a data folder with a chain of the contracts' first edition comes up and says what is kept", async () => {
  const home = await temporaryHome();
  writeFirstEdition(path.join(home, "ton"));
  const stack = await open({ home });
  await stack.until("the words", 60_000, async () => stack.output.includes("contracts of the first edition"));
  const overview = await fetch(`${stack.url}/ton/explorer/overview`);
  const { known } = (await overview.json()) as { known: { name: string; state: string }[] };
  for (const name of ["deposits", "till", "refunds", "distributor", "firstVault", "firstDistributor"])
    expect(known).toContainEqual(expect.objectContaining({ name, state: "active" }));
}, 240_000);

test("a taken port is reported in plain words and leaves nothing behind", async () => {
  const home = await temporaryHome();
  const taken = http.createServer((_, response) => response.end("{}")).listen(0, "127.0.0.1");
  onTestFinished(() => void taken.close());
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as AddressInfo;
  await expect(Stack.open({ home, model: MODEL, port })).rejects.toThrow(`Port ${port} is taken`);
  await expect.poll(() => processesOf(home), { timeout: 10_000 }).toEqual([]);
}, 120_000);

test("an unknown model is reported with the known ones", async () => {
  const home = await temporaryHome();
  await expect(Stack.open({ home, model: "gpt-12" })).rejects.toThrow(
    /no "gpt-12" in the catalogue; choose one of .*smollm2-135m/,
  );
}, 120_000);
