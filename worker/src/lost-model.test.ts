import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { WorkerConfig } from "./config.ts";
import { startWorker } from "./daemon.ts";
import type { Worker } from "./daemon.ts";
import { writeWheel } from "./testing/wheels.ts";
import { catalogued } from "./open-engines.ts";
import { leaseOf, TestPool } from "./testing/pool.ts";

const model = catalogued(PLUMBING_MODEL);
const kept = join(modelsFolder(process.env, homedir()), model.file);

let folder: string;
let pool: TestPool;
let worker: Worker;
let file: string;
let wheels: string;

/** A worker over a copy of the small model, whose pip knows only the wheels of this test. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "starai-worker-"));
  wheels = join(folder, "wheels");
  file = join(folder, "models", model.file);
  await mkdir(wheels);
  await mkdir(join(folder, "models"));
  await copyFile(kept, file);
  pool = new TestPool();
  const config: WorkerConfig = {
    poolUrl: await pool.listening(),
    home: join(folder, "home"),
    modelsFolder: join(folder, "models"),
    name: "test",
    engines: [{ kind: "llama", model: model.id }],
    threads: 1,
    logLevel: "silent",
    childEnvironment: { ...process.env, PIP_NO_INDEX: "1", PIP_FIND_LINKS: wheels },
  };
  worker = await startWorker(config, { logger: pino({ level: "silent" }) });
  await worker.ready;
}, 120_000);

afterAll(async () => {
  await worker.stop();
  await pool.close();
  await rm(folder, { recursive: true });
});

/** Kills this worker's engine, identified by the model file that it has mapped. */
async function killEngine() {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids) {
    const maps = await readFile(`/proc/${pid}/maps`, "utf8").catch(() => "");
    if (maps.includes(file)) process.kill(pid, "SIGKILL");
  }
}

async function offerWheel() {
  const [part] = model.sources.flatMap((source) => (source.kind === "python" ? source.parts : []));
  if (!part) throw new Error(`${model.id} has no Python source`);
  await writeWheel(wheels, { name: part.package, version: part.version, path: part.path, data: await readFile(kept) });
}

test.skipIf(process.platform !== "linux")(
  "a worker whose model file is gone fails its leases at once, leaves the pool, fetches the file again and comes back",
  async () => {
    const running = leaseOf("Count from one to a thousand.", { maxTokens: 2_000 });
    const waiting = leaseOf("Hello!");
    pool.send(running);
    await pool.next("tokens");
    await rm(file);
    await killEngine();
    expect(await pool.next("fail", (frame) => frame.job === running.job)).toMatchObject({ code: "engine_crashed" });
    // A lease that arrives during the restart waits for it, and fails as soon as the restart does.
    pool.send(waiting);
    expect(await pool.next("fail", (frame) => frame.job === waiting.job)).toMatchObject({ code: "engine_crashed" });
    await pool.until(() => pool.closes.length > 0);
    expect(pool.closes).toEqual([1_001]);

    pool.frames.length = 0;
    await offerWheel();
    expect((await pool.next("ready")).models).toMatchObject([{ id: model.id }]);
    const again = leaseOf("What is the capital of France?");
    await pool.next("heartbeat");
    pool.send(again);
    await pool.next("done");
    expect(pool.textOf(again.job)).toContain("Paris");
  },
  180_000,
);

test.skipIf(process.platform !== "linux")(
  "a file cut short in its place is fetched again, too, and the damaged one is set aside",
  async () => {
    pool.closes.length = 0;
    pool.frames.length = 0;
    await offerWheel();
    await writeFile(file, (await readFile(kept)).subarray(0, 1_000_000));
    await killEngine();
    await pool.until(() => pool.closes.length > 0);
    expect((await pool.next("ready")).models).toMatchObject([{ id: model.id }]);
    expect(await readdir(join(folder, "models"))).toContain(`${model.file}.wrong`);
  },
  180_000,
);
