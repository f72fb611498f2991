import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { service } from "../commands/service.ts";
import { readConfig } from "../config.ts";
import { launchdPlist, systemdUnit, windowsTask } from "./service-files.ts";

const facts = {
  node: "/usr/bin/node",
  script: "/opt/star ai/scripts/run.mjs",
  folder: "/opt/star ai",
  environment: { STARAI_POOL_URL: "wss://pool.example/pool?a=1&b=2", STARAI_ENGINE_KEY: 'a "quoted" 100% $key\\' },
  log: "/home/anna/worker.log",
};

let home: string;
beforeEach(async () => (home = await mkdtemp(join(tmpdir(), "starai-service-"))));
afterEach(() => rm(home, { recursive: true }));

test("a systemd unit keeps every setting as it is, and is one that systemd reads", async (context) => {
  const unit = systemdUnit(facts);
  expect(unit).toContain('Environment="STARAI_ENGINE_KEY=a \\"quoted\\" 100%% $key\\\\"');
  expect(unit).toContain('ExecStart="/usr/bin/node" "/opt/star ai/scripts/run.mjs" worker start');
  const run = promisify(execFile);
  if (!(await run("systemd-analyze", ["--version"]).catch(() => null))) return context.skip();
  const path = join(home, "starai-worker.service");
  await writeFile(path, unit.replaceAll("/usr/bin/node", process.execPath).replaceAll("/opt/star ai", home));
  const { stderr } = await run("systemd-analyze", ["--user", "verify", path]).catch(
    (error: { stderr: string }) => error,
  );
  expect(stderr).not.toMatch(/starai-worker\.service:\d+/);
});

test("a launchd agent and a Windows task are well-formed: no setting ends an element or a command", () => {
  const plist = launchdPlist(facts);
  expect(plist).toContain("<string>wss://pool.example/pool?a=1&amp;b=2</string>");
  expect(plist).toContain("a &quot;quoted&quot; 100% $key\\");
  const plain = { ...facts, environment: { STARAI_POOL_URL: "wss://pool.example/pool" } };
  expect(windowsTask(plain)).toContain("set &quot;STARAI_POOL_URL=wss://pool.example/pool&quot; &amp;&amp; ");
  expect(() => windowsTask(facts)).toThrow(/A Windows task cannot hold/);
  for (const write of [systemdUnit, launchdPlist, windowsTask])
    expect(() => write({ ...plain, environment: { STARAI_MODEL: "a\nExecStart=b" } })).toThrow(/of several lines/);
});

test("the file is written for this user alone, with the pool of the command line, and removed again", async () => {
  let text = "";
  const out = { write: (more: string) => (text += more) };
  const env = {
    HOME: home,
    XDG_CONFIG_HOME: home,
    STARAI_MODEL: "smollm2-135m",
    SECRET_OF_ANOTHER: "no",
    TON_ENDPOINT: "https://ton.example/jsonRPC",
    TON_API_KEY: "0123456789abcdef",
    TON_MNEMONIC: "abandon ability",
    PATH: "/nowhere",
  };
  const config = readConfig(env, { pool: "https://pool.example" });
  const file = join(home, "systemd", "user", "starai-worker.service");
  await service(["status"], config, { out, env, platform: "linux" });
  expect(text).toContain("No service is installed");
  // Where no systemd of the user runs, as in a container, the file is written and the rest is said.
  await service(["install"], config, { out, env, platform: "linux" }).catch((error: Error) => (text += error.message));
  const unit = await readFile(file, "utf8");
  expect(unit).toContain('Environment="STARAI_POOL_URL=wss://pool.example/pool"');
  expect(unit).toContain('Environment="STARAI_MODEL=smollm2-135m"');
  expect(unit).toContain('Environment="TON_ENDPOINT=https://ton.example/jsonRPC"');
  expect(unit).toContain('Environment="TON_API_KEY=0123456789abcdef"');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  for (const secret of ["SECRET_OF_ANOTHER", "TON_MNEMONIC", "abandon"]) expect(unit).not.toContain(secret);
  expect(text).toContain(`Wrote ${file}`);
  await service(["remove"], config, { out, env, platform: "linux" });
  await expect(readFile(file)).rejects.toThrow(/ENOENT/);
  expect(text).toContain("Its key, its notes and its models stay");
});

test("another word, or a system that is not known, is answered with a sentence", async () => {
  const env = { HOME: home };
  const parts = { out: { write: () => {} }, env };
  await expect(service(["dance"], readConfig(env), parts)).rejects.toThrow(/install, remove or status/);
  await expect(service(["install"], readConfig(env), { ...parts, platform: "aix" })).rejects.toThrow(
    /on aix is not known/,
  );
});
