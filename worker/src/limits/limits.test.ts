import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startWorker } from "../daemon.ts";
import type { WorkerStatus } from "../open-engines.ts";
import { leaseOf } from "../testing/pool.ts";
import { makeWorkerHome, silent } from "../testing/worker-home.ts";
import { beginWords, isWithin, parseHours } from "./hours.ts";
import { decideRest, limitsWithoutEffect, LimitWatch } from "./limit-watch.ts";
import type { Limits, LimitState, Readings, Rest } from "./limit-watch.ts";
import { childrenOf, isBusyWithOthers, othersShare, readCpuTimes } from "./machine-use.ts";
import { MemoryShare } from "./memory-share.ts";
import { readTemperature } from "./temperature.ts";

const at = (time: string) => new Date(`2026-12-01T${time}:00`);
const free: Limits = { hours: null, temperatureMaxC: null, pausesWhenUsed: false };
const cold: LimitState = { isHot: false, usedAt: null };
const quiet: Readings = { at: at("12:00"), temperatureC: null, inUse: null };

describe("hours", () => {
  test("may end on the next day", () => {
    const night = parseHours("22-07")!;
    expect(["21:59", "22:00", "03:00", "06:59", "07:00"].map((time) => isWithin(night, at(time)))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
    expect(beginWords(night)).toBe("22:00");
    expect(isWithin(parseHours("8:30-17")!, at("08:29"))).toBe(false);
    expect(isWithin(parseHours("0-23:59")!, at("12:00"))).toBe(true);
  });

  test.each(["", "22", "22-22", "25-07", "7:60-9", "night", "-1-5"])("cannot be written %j", (text) => {
    expect(parseHours(text)).toBeNull();
  });

  test("and their opposite divide the day", () => {
    const minute = fc.integer({ min: 0, max: 24 * 60 - 1 });
    fc.assert(
      fc.property(minute, minute, minute, (from, to, now) => {
        fc.pre(from !== to);
        const time = new Date(2026, 5, 1, 0, now);
        expect(isWithin({ from, to }, time)).toBe(!isWithin({ from: to, to: from }, time));
      }),
    );
  });
});

describe("a machine rests", () => {
  test("outside its hours, and says until when", () => {
    const { rest } = decideRest({ ...free, hours: parseHours("22-07") }, quiet, cold);
    expect(rest).toEqual({ why: "it is outside the hours you set", until: "22:00" });
    expect(decideRest({ ...free, hours: parseHours("9-17") }, quiet, cold).rest).toBeNull();
  });

  test("while it is too hot, and until it is five degrees cooler", () => {
    const limits = { ...free, temperatureMaxC: 80 };
    const look = (temperatureC: number, state: LimitState) => decideRest(limits, { ...quiet, temperatureC }, state);
    expect(look(80, cold).rest).toBeNull();
    const hot = look(81, cold);
    expect(hot.rest?.why).toBe("this machine is 81 °C hot, and you allow 80");
    expect(look(76, hot.state).rest).not.toBeNull();
    expect(look(75, hot.state).rest).toBeNull();
  });

  test("while somebody uses it and three minutes longer, but only where its owner asked for that", () => {
    const used = { ...quiet, inUse: true };
    expect(decideRest(free, used, cold).rest).toBeNull();
    const limits = { ...free, pausesWhenUsed: true };
    const { rest, state } = decideRest(limits, used, cold);
    expect(rest?.until).toBe("nobody has for three to six minutes");
    expect(decideRest(limits, { ...quiet, at: at("12:02"), inUse: false }, state).rest).not.toBeNull();
    expect(decideRest(limits, { ...quiet, at: at("12:03"), inUse: false }, state).rest).toBeNull();
  });

  test("never because of what cannot be read: the owner is told that the limit has no effect", () => {
    const limits = { ...free, temperatureMaxC: 80, pausesWhenUsed: true };
    expect(decideRest(limits, quiet, cold).rest).toBeNull();
    expect(limitsWithoutEffect(limits, quiet)).toEqual([
      expect.stringContaining("STARAI_MAX_TEMPERATURE has no effect"),
      expect.stringContaining("STARAI_PAUSE_WHEN_USED has no effect"),
    ]);
    expect(limitsWithoutEffect(limits, { ...quiet, temperatureC: 40, inUse: false })).toEqual([]);
  });

  test("for its own engine's work never, also where that is a program it did not start", async () => {
    const limits = { ...free, pausesWhenUsed: true };
    const watch = new LimitWatch(limits, { onChange: () => {}, logger: silent, hasForeignEngine: true });
    const said = await watch.start(20);
    watch.close();
    // What this machine has no terminal for, or no Linux, has no effect at all.
    expect(said).toEqual([expect.stringMatching(/looks at terminals only|has no effect/)]);
    expect(limitsWithoutEffect(limits, { ...quiet, inUse: false }, true)).toEqual([
      expect.stringContaining("looks at terminals only"),
    ]);
  });

  test("once for a heat that goes up and down: a change is of what it rests for", async () => {
    const rests: Rest[] = [];
    const degrees = [81, 83, 84, 70];
    let looks = 0;
    const watch = new LimitWatch(
      { ...free, temperatureMaxC: 80 },
      {
        onChange: (rest) => rests.push(rest),
        logger: silent,
        read: async () => ({ ...quiet, temperatureC: degrees[Math.min(looks++, 3)]! }),
      },
    );
    await watch.start(1);
    await expect.poll(() => looks).toBeGreaterThan(5);
    watch.close();
    expect(rests).toEqual([{ why: expect.stringContaining("81 °C"), until: "it has 75 °C" }, null]);
  });
});

describe("what is read of a machine", () => {
  let root: string;
  beforeEach(async () => (root = await mkdtemp(join(tmpdir(), "starai-sensors-"))));
  afterEach(() => rm(root, { recursive: true }));
  const put = async (path: string, text: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };

  test("is the hottest of its sensors, without those that are broken", async () => {
    await put("hwmon/hwmon0/temp1_input", "41000\n");
    await put("hwmon/hwmon1/temp2_input", "67900\n");
    await put("hwmon/hwmon1/temp3_input", "255000\n");
    await put("hwmon/hwmon1/temp4_input", "what?\n");
    await put("thermal/thermal_zone0/temp", "52000\n");
    expect(await readTemperature({ root, nvidiaSmi: "no-such-program" })).toBe(68);
  });

  test("is also what the card's own program says, and nothing where there is nothing", async () => {
    expect(await readTemperature({ root, nvidiaSmi: "no-such-program" })).toBeNull();
    await put("nvidia-smi", "#!/bin/sh\necho 71\necho 64\n");
    await chmod(join(root, "nvidia-smi"), 0o755);
    expect(await readTemperature({ root, nvidiaSmi: join(root, "nvidia-smi") })).toBe(71);
  });

  test("tells the worker's own work from that of others", async () => {
    await put("stat", "cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 2 3\n");
    await put("7/stat", "7 (a (b) c) S 1 1 1 0 -1 0 0 0 0 0 60 40 0 0 20 0 1 0\n");
    const before = await readCpuTimes(root, [7, 8]);
    expect(before).toEqual({ all: 1_000, busy: 150, own: 100 });
    const own = { all: 2_000, busy: 1_100, own: 1_000 };
    expect(isBusyWithOthers(othersShare(before!, own))).toBe(false);
    expect(isBusyWithOthers(othersShare(before!, { ...own, own: 200 }))).toBe(true);
    expect(await readCpuTimes(join(root, "elsewhere"), [7])).toBeNull();
    expect(await childrenOf("/proc", process.pid)).toContain(process.pid);
  });
});

test("models share the part of the memory that the owner allows, cards first", () => {
  const machine = { memoryBytes: 16e9, gpus: [{ name: "g", kind: "cuda" as const, memoryBytes: 8e9, freeBytes: 7e9 }] };
  const half = new MemoryShare(50);
  const left = half.left(machine, 15e9);
  expect(left).toEqual({ card: 4e9, main: 8e9 });
  half.take(6e9, left);
  expect(half.left(machine, 15e9)).toEqual({ card: 0, main: 6e9 });
  expect(new MemoryShare(null).left(machine, 15e9)).toEqual({ card: 7e9, main: 15e9 });
  expect(half.left(machine, 1e9).main).toBe(1e9);
});

test("models take no more than the amount their owner set, cards and main memory together", () => {
  const machine = { memoryBytes: 16e9, gpus: [{ name: "g", kind: "cuda" as const, memoryBytes: 8e9, freeBytes: 7e9 }] };
  const limited = new MemoryShare(null, { bytesMax: 9e9 });
  expect(limited.left(machine, 15e9)).toEqual({ card: 7e9, main: 2e9 });
  const giveBack = limited.take(8e9, limited.left(machine, 15e9));
  expect(limited.left(machine, 15e9)).toEqual({ card: 1e9, main: 0 });
  giveBack();
  expect(limited.left(machine, 1e9)).toEqual({ card: 7e9, main: 1e9 });
  expect(new MemoryShare(50, { bytesMax: 20e9 }).left(machine, 15e9)).toEqual({ card: 4e9, main: 8e9 });
});

test("a machine outside its limits gives its jobs back, leaves the pool, and comes back by itself", async () => {
  await using home = await makeWorkerHome();
  const statuses: WorkerStatus[] = [];
  let temperatureC = 50;
  const limits = { ...free, temperatureMaxC: 80 };
  const worker = await startWorker(
    { ...home.config, limits },
    {
      logger: silent,
      onStatus: (status) => statuses.push(status),
      readMachine: async () => ({ at: new Date(), temperatureC, inUse: null }),
    },
  );
  await worker.ready;
  expect(await home.pool.next("heartbeat", (beat) => beat.temperatureC !== undefined)).toMatchObject({
    temperatureC: 50,
  });
  const lease = leaseOf("Count from one to a thousand.", { maxTokens: 5_000 });
  home.pool.send(lease);
  await home.pool.next("tokens");
  temperatureC = 95;
  expect(await home.pool.next("fail")).toMatchObject({ job: lease.job, code: "shutting_down" });
  await home.pool.until(() => home.pool.closes.length > 0);
  expect(home.pool.closes).toEqual([1_000]);
  expect(statuses).toContainEqual({
    state: "resting",
    why: "this machine is 95 °C hot, and you allow 80",
    until: "it has 75 °C",
  });
  temperatureC = 60;
  await home.pool.until(() => home.pool.all("ready").length === 2);
  await worker.stop();
}, 30_000);
