/** A machine that lends itself to groups, against a played pool on a real socket: its offer, and what it refuses. */
import { copyFile, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { PLUMBING_MODEL } from "@starai/protocol/catalogue";
import type { GroupFrame } from "@starai/protocol/split";
import { CLOSE } from "@starai/protocol/worker-frames";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { WorkerConfig } from "../config.ts";
import { startWorker } from "../daemon.ts";
import type { Worker } from "../daemon.ts";
import { catalogued } from "../open-engines.ts";
import type { WorkerStatus } from "../open-engines.ts";
import { TestPool } from "../testing/pool.ts";
import { silent } from "../testing/worker-home.ts";

const model = catalogued(PLUMBING_MODEL);
const cache = modelsFolder(process.env, homedir());

let folder: string;
let pool: TestPool;
let config: WorkerConfig;
let statuses: WorkerStatus[];
let worker: Worker | null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "starai-member-"));
  await writeFile(join(folder, "llama-server"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  pool = new TestPool();
  config = {
    poolUrl: await pool.listening(),
    home: join(folder, "home"),
    modelsFolder: cache,
    llamaCppFolder: folder,
    name: "brave-otter",
    engines: [{ kind: "llama", model: PLUMBING_MODEL }],
    memoryBytesMax: 90e6,
    split: "own",
    threads: 1,
    logLevel: "silent",
  };
  [statuses, worker] = [[], null];
});
afterEach(async () => {
  await worker?.stop();
  await pool.close();
  await rm(folder, { recursive: true, force: true });
});

async function started(over: Partial<WorkerConfig> = {}): Promise<Worker> {
  worker = await startWorker({ ...config, ...over }, { logger: silent, onStatus: (status) => statuses.push(status) });
  return worker;
}

const node = (over: Partial<GroupFrame> = {}): GroupFrame => ({
  type: "group",
  group: randomUUID(),
  model: model.id,
  sha256: model.sha256,
  contextTokens: 512,
  slots: 1,
  kvType: "f16",
  part: {
    kind: "node",
    place: 0,
    firstLayer: 10,
    layers: 20,
    head: { worker: "ab".repeat(32), name: "calm-fox" },
    secret: "cd".repeat(32),
  },
  ...over,
});

const endOf = async (group: string) =>
  await pool.next("group", (frame) => frame.group === group && frame.stage.kind === "ended");

describe.skipIf(process.platform === "win32")("a machine whose model does not fit", () => {
  test("joins without models and offers its memory, its build and its files", async () => {
    await (
      await started({ ownerCode: "code-of-anna" })
    ).ready;
    const ready = await pool.next("ready");
    expect(ready.models).toEqual([]);
    expect(ready.ownerCode).toBe("code-of-anna");
    expect(ready.split).toMatchObject({ serves: "own", memoryBytes: 90e6, wants: model.id });
    expect(ready.split?.files).toContain(model.sha256);
    expect(statuses.at(-1)).toEqual({ state: "lending", poolUrl: config.poolUrl, model: model.id });
  });

  test("does not join where its owner lends nothing, or has not agreed to a build", async () => {
    await expect((await started({ split: "off" })).ready).rejects.toThrow(/close other programs, or choose a smaller/);
    await worker?.stop();
    const empty = join(folder, "models");
    await mkdir(empty);
    await copyFile(join(cache, model.file), join(empty, model.file));
    const none = await started({ llamaCppFolder: null, modelsFolder: empty });
    await expect(none.ready).rejects.toThrow(/several machines can serve it together .*pull-engine llama\.cpp/);
    expect(pool.all("hello")).toEqual([]);
  });

  test("says what to do where the pool is older, and does not come back at once", async () => {
    pool.isOld = true;
    await started();
    await expect.poll(() => statuses.at(-1)).toMatchObject({ state: "waiting", reason: /forms no groups/ });
    expect(pool.all("ready")).toHaveLength(1);
  });

  test("tells its owner's code no more once it has an owner", async () => {
    const standing = { stake: "0", isPaid: false, heldUntilEpoch: null };
    await (
      await started({ ownerCode: "code-of-anna" })
    ).ready;
    pool.send({ type: "standing", standing: { ...standing, owner: { name: "Anna", wallet: null } } });
    await pool.next("heartbeat");
    pool.frames.length = 0;
    pool.cut();
    expect((await pool.next("ready")).ownerCode).toBeUndefined();
  });
});

describe.skipIf(process.platform === "win32")("a part of a group", () => {
  test("that cannot be held ends with the reason, for the pool and on the terminal", async () => {
    await (
      await started()
    ).ready;
    const frame = node();
    pool.send(frame);
    const { stage } = await endOf(frame.group);
    expect(stage).toMatchObject({ kind: "ended", lost: [] });
    expect(statuses.at(-1)).toMatchObject({
      state: "group",
      part: `layers 11–30 of ${model.id}, head: calm-fox`,
      stage: { kind: "ended", reason: stage.kind === "ended" ? stage.reason : "" },
    });
  });

  test("of a file that this worker does not know is refused", async () => {
    await (
      await started()
    ).ready;
    for (const over of [{ sha256: "00".repeat(32) }, { model: "some-other-model" }]) {
      const frame = node(over);
      pool.send(frame);
      const { stage } = await endOf(frame.group);
      expect(stage).toMatchObject({ reason: expect.stringContaining("this worker's catalogue has no") });
    }
  });

  test("is at most one at a time; what concerns another group changes nothing", async () => {
    // The file is to be fetched from nowhere, which takes pip a moment.
    await (
      await started()
    ).ready;
    const [one, other] = [node(), node()];
    pool.send(one);
    pool.send(other);
    expect((await endOf(other.group)).stage).toMatchObject({ reason: "this machine has a part of another group" });
    pool.send({ type: "ungroup", group: randomUUID(), reason: "nobody's" });
    pool.send({ type: "dial", group: randomUUID(), connection: randomUUID() });
    await endOf(one.group);
    const again = node();
    pool.send(again);
    await endOf(again.group);
    expect(pool.closes).toEqual([]);
  });
});

test("a machine that offers nothing refuses a part of a group", async () => {
  const { size } = await stat(join(cache, model.file));
  await (
    await started({ memoryBytesMax: size * 50 })
  ).ready;
  expect((await pool.next("ready")).split).toBeUndefined();
  pool.send(node());
  await expect.poll(() => pool.closes).toEqual([CLOSE.badFrame]);
}, 60_000);
