/** Where tensors begin, read from headers that this test writes. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as fc from "fast-check";
import { readTensorPlaces } from "./tensor-places.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "starai-places-"));
});
afterAll(() => rm(folder, { recursive: true }));

const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const uint64 = (value: number | bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const string = (text: string) => Buffer.concat([uint64(text.length), Buffer.from(text)]);
const words = (count: number) =>
  Buffer.concat([
    uint32(9),
    uint32(8),
    uint64(count),
    ...Array.from({ length: count }, (_, at) => string(`word${at}`)),
  ]);

function header(values: readonly Buffer[], { version = 3, tensors = 2 } = {}): Buffer {
  const tensor = (name: string, offset: number) =>
    Buffer.concat([string(name), uint32(2), uint64(8), uint64(4), uint32(12), uint64(offset)]);
  return Buffer.concat([
    Buffer.from("GGUF"),
    uint32(version),
    uint64(tensors),
    uint64(values.length),
    ...values,
    tensor("blk.0.attn_q.weight", 0),
    tensor("blk.0.attn_k.weight", 4_096),
  ]);
}

async function placesIn(bytes: Buffer) {
  const path = join(folder, "m.gguf");
  await writeFile(path, bytes);
  return await readTensorPlaces(path);
}

test("tensors begin behind the header, at the alignment that it names", async () => {
  const alignment = Buffer.concat([string("general.alignment"), uint32(4), uint32(1_024)]);
  const vocabulary = Buffer.concat([string("tokenizer.ggml.tokens"), words(150_000)]);
  const scale = Buffer.concat([string("x.scale"), uint32(6), uint32(0)]);
  const flags = Buffer.concat([string("x.flags"), uint32(9), uint32(7), uint64(3), Buffer.alloc(3)]);
  const bytes = header([vocabulary, scale, flags, alignment]);
  const begin = Math.ceil(bytes.length / 1_024) * 1_024;
  expect([...(await placesIn(bytes))]).toEqual([
    ["blk.0.attn_q.weight", begin],
    ["blk.0.attn_k.weight", begin + 4_096],
  ]);
});

test("a model in several files, another format and a damaged header have no places", async () => {
  const split = Buffer.concat([string("split.count"), uint32(2), Buffer.from([3, 0])]);
  expect((await placesIn(header([split]))).size).toBe(0);
  expect((await placesIn(header([], { version: 1 }))).size).toBe(0);
  expect((await placesIn(header([], { tensors: 2 ** 40 }))).size).toBe(0);
  expect((await placesIn(header([Buffer.concat([string("x"), uint32(9), uint32(8), uint64(2n ** 60n)])]))).size).toBe(
    0,
  );
  expect((await placesIn(Buffer.alloc(0))).size).toBe(0);
});

test("any bytes behind the beginning of a header are read without a fault", async () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(bytes, async (rest) => {
      const begin = Buffer.concat([Buffer.from("GGUF"), uint32(3), uint64(1), uint64(3)]);
      expect((await placesIn(Buffer.concat([begin, rest]))).size).toBeLessThanOrEqual(1);
    }),
  );
});
