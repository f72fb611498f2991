/** First contact with each program: its --help, a start without settings, and a second start. */
import { spawn } from "node:child_process";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";

const ROOT = path.resolve(import.meta.dirname, "../..");
const PACKAGE = z.object({ scripts: z.record(z.string(), z.string()) });
let home = "";

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), "starai-doors-"));
  await chmod(home, 0o755); // Started by root, PostgreSQL enters the folder under an account of its own.
});
afterAll(() => rm(home, { recursive: true }));

interface Output {
  code: number | null;
  out: string;
  err: string;
}

/** Runs one of package.json's commands with an almost empty environment. */
async function run(words: readonly string[], env: Record<string, string> = {}): Promise<Output> {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, words, { cwd: ROOT, env: { PATH, HOME: home, ...env } });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, out, err };
}

const STACK = /\n\s+at .+:\d+:\d+|"stack"/;

test("every program answers --help with its name and starts nothing", async () => {
  const { scripts } = PACKAGE.parse(JSON.parse(await readFile(path.join(ROOT, "package.json"), "utf8")));
  const commands = Object.entries(scripts).filter(([, line]) => line.startsWith("node scripts/"));
  expect(commands.length).toBeGreaterThan(12);
  for (const [name, line] of commands) {
    const said = await run([...line.split(" ").slice(1), "--help"]);
    expect([name, said.code, said.err]).toEqual([name, 0, ""]);
    expect([name, said.out]).toEqual([name, expect.stringMatching(new RegExp(`npm (run )?${name}\\b`))]);
  }
}, 120_000);

test("missing settings are listed together, each with its expected value, and without a stack trace", async () => {
  const server = await run(["scripts/run.mjs", "server"]);
  expect([server.code, server.err]).toEqual([
    1,
    expect.stringMatching(/STARAI_HOME: needed[\s\S]*STARAI_BOT_KEY: needed/),
  ]);
  const bot = await run(["scripts/run.mjs", "bot"]);
  expect([bot.code, bot.err]).toEqual([1, expect.stringMatching(/BOT_TOKEN: needed[\s\S]*STARAI_BOT_KEY: needed/)]);
  const worker = await run(["scripts/run.mjs", "worker", "start"], {
    STARAI_POOL_URL: "ftp://x",
    STARAI_THREADS: "y",
  });
  expect([worker.code, worker.err]).toEqual([1, expect.stringMatching(/STARAI_POOL_URL[\s\S]*STARAI_THREADS/)]);
  for (const { err } of [server, bot, worker]) expect(err).not.toMatch(STACK);
});

test("a taken port is reported in a sentence without a stack trace", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = z.object({ port: z.number() }).parse(other.address());
  const env = { PORT: String(port), STARAI_HOME: path.join(home, "server"), STARAI_BOT_KEY: "k".repeat(32) };
  const { code, out, err } = await run(["scripts/run.mjs", "server"], env);
  expect([code, out]).toEqual([1, expect.stringContaining(`Port ${port} is taken`)]);
  expect(out + err).not.toMatch(STACK);
  const chain = await run(["scripts/run.mjs", "chain"], {
    CHAIN_PORT: String(port),
    STARAI_HOME: path.join(home, "c"),
  });
  expect([chain.code, chain.err]).toEqual([1, expect.stringContaining(`Port ${port} is taken`)]);
  other.close();
}, 120_000);

test("an unknown program is refused with the names of the known ones", async () => {
  expect(await run(["scripts/run.mjs", "wroker"])).toMatchObject({ code: 2, err: expect.stringContaining("worker") });
});

test("a deployment to the sandbox can be rehearsed without any setting, with the chain's own roles", async () => {
  const { PATH = "" } = process.env;
  const env = { PATH, HOME: home, CHAIN_PORT: "0", STARAI_HOME: path.join(home, "rehearsal") };
  const chain = spawn(process.execPath, ["scripts/run.mjs", "chain"], { cwd: ROOT, env });
  let said = "";
  chain.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await expect.poll(() => said, { timeout: 60_000 }).toContain("Stop    Ctrl-C");
  const endpoint = /^RPC +(\S+)/m.exec(said)?.[1] ?? "";
  const rehearse = ["scripts/run.mjs", "deploy", "--network", "sandbox", "--dry-run"];
  const { code, out, err } = await run(rehearse, { TON_ENDPOINT: endpoint });
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/refunds \(Vault\)\n[\s\S]*Everything is there already; nothing was sent/);
  // Sending requires a key.
  const sent = await run(rehearse.slice(0, -1), { TON_ENDPOINT: endpoint });
  expect([sent.code, sent.err]).toEqual([1, expect.stringContaining("DEPLOYER_SEED must be 32 bytes in hex")]);
  chain.kill("SIGTERM");
  expect(await new Promise((resolve) => chain.on("exit", resolve))).toBe(0);
}, 180_000);
