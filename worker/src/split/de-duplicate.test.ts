/** What goes in at the head's side comes out at the node's, whatever it is and however it is cut; and weights travel as references. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import type { Transform } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { Cutter, Joiner } from "./de-duplicate.ts";
import { ModelBytes } from "./model-bytes.ts";

const isLong = process.env["LONG_TESTS"] === "1";
const NAMES = ["blk.0.attn_q.weight", "blk.1.ffn_down.weight"];
const TENSOR_BYTES = 50_000;
/** They begin where a header would end. */
const places = new Map(NAMES.map((name, at) => [name, 512 + at * TENSOR_BYTES]));
const model = Buffer.from(
  Array.from({ length: 512 + NAMES.length * TENSOR_BYTES }, (_, at) => (at * 31 + (at >> 8)) % 251),
);

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "starai-split-"));
  file = join(folder, "m.gguf");
  await writeFile(file, model);
});
afterAll(() => rm(folder, { recursive: true }));

/** A command of llama.cpp's RPC that stores a piece of a tensor. */
function setTensor(name: string, offset: number, bytes: Buffer): Buffer {
  const head = Buffer.alloc(304);
  head.write(name, 228, "latin1");
  head.writeBigUInt64LE(BigInt(offset), 296);
  return command(6, Buffer.concat([head, bytes]));
}

function command(kind: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt8(kind, 0);
  head.writeBigUInt64LE(BigInt(payload.length), 1);
  return Buffer.concat([head, payload]);
}

const weights = (at: number, from = 0, to = TENSOR_BYTES) => {
  const begin = 512 + at * TENSOR_BYTES;
  return model.subarray(begin + from, begin + to);
};

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...new Set([...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  return ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end)).filter((piece) => piece.length > 0);
}

async function through(pieces: readonly Buffer[], transform: Transform): Promise<Buffer> {
  return await buffer(Readable.from(pieces, { objectMode: false }).compose(transform));
}

async function cut(pieces: readonly Buffer[]) {
  const count = { raw: 0, sent: 0 };
  const frames = await through(pieces, new Cutter({ places, model: new ModelBytes(file), count }));
  return { frames, count };
}

const joined = async (pieces: readonly Buffer[]) => await through(pieces, new Joiner(new ModelBytes(file)));

describe("the stream of a head's engine", () => {
  const anyCommand = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(fc.nat(20), fc.uint8Array({ maxLength: 6_000 }))
      .map(([kind, payload]) => command(kind, Buffer.from(payload))),
    fc
      .tuple(fc.nat(1), fc.nat(TENSOR_BYTES), fc.nat(TENSOR_BYTES))
      .map(([at, one, other]) =>
        setTensor(NAMES[at] ?? "", Math.min(one, other), weights(at, Math.min(one, other), Math.max(one, other))),
      ),
    fc
      .tuple(fc.constantFrom(...NAMES, "inp_embd", ""), fc.nat(2 ** 40), fc.nat(9_000))
      .map(([name, offset, length]) => setTensor(name, offset, Buffer.alloc(length, 7))),
  );

  test("arrives byte for byte, whatever it is and wherever it is cut", async () => {
    const cuts = fc.array(fc.nat(200_000), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(anyCommand, { maxLength: 6 }), cuts, cuts, async (commands, before, within) => {
        const raw = Buffer.concat(commands);
        const { frames, count } = await cut(cutAt(raw, before));
        expect(count).toEqual({ raw: raw.length, sent: frames.length });
        expect((await joined(cutAt(frames, within))).equals(raw)).toBe(true);
      }),
      { numRuns: isLong ? 2_000 : 60 },
    );
  });

  test("leaves out the weights that are in the file, and no byte that differs", async () => {
    const { count } = await cut([setTensor(NAMES[0] ?? "", 0, weights(0)), setTensor(NAMES[1] ?? "", 0, weights(1))]);
    expect(count.sent / count.raw).toBeLessThan(0.05);
    const changed = Buffer.from(weights(0));
    changed[40_000] = 255;
    const raw = setTensor(NAMES[0] ?? "", 0, changed);
    const { frames } = await cut([raw]);
    expect((await joined([frames])).equals(raw)).toBe(true);
  });

  test("is sent as it is when the file cannot be read at the head's side", async () => {
    const raw = setTensor(NAMES[0] ?? "", 0, weights(0));
    const count = { raw: 0, sent: 0 };
    const model = new ModelBytes(join(folder, "nowhere"));
    expect((await joined([await through([raw], new Cutter({ places, model, count }))])).equals(raw)).toBe(true);
    expect(count.sent).toBeGreaterThan(count.raw);
  });
});

const frame = (kind: number, payload: Buffer, length = payload.length) => {
  const head = Buffer.alloc(5);
  head.writeUInt8(kind, 0);
  head.writeUInt32LE(length, 1);
  return Buffer.concat([head, payload]);
};

describe("frames at the node's side", () => {
  const reference = (offset: bigint, length: number) => {
    const payload = Buffer.alloc(12);
    payload.writeBigUInt64LE(offset, 0);
    payload.writeUInt32LE(length, 8);
    return frame(1, payload);
  };

  test("that say only that the head is there add nothing", async () => {
    const pieces = [frame(0, Buffer.from("ab")), frame(0, Buffer.alloc(0)), frame(0, Buffer.from("c"))];
    expect(String(await joined(pieces))).toBe("abc");
  });

  test.each([
    ["of an unknown kind", frame(2, Buffer.from("x"))],
    ["longer than any", frame(0, Buffer.alloc(0), 2 ** 31)],
    ["whose reference is too short", frame(1, Buffer.alloc(3))],
    ["that end before they are whole", frame(0, Buffer.from("x"), 5)],
    ["that refer behind the file's end", reference(BigInt(model.length) - 4n, 5)],
    ["that refer far behind it", reference(2n ** 63n, 1)],
    ["that refer to more than a piece", reference(0n, 2 ** 31)],
  ])("%s end the tunnel in words", async (_name, bytes) => {
    await expect(joined([frame(0, Buffer.from("good")), bytes])).rejects.toThrow(
      /head sent a frame|head refers|within a frame/,
    );
  });

  test("of any bytes end the tunnel or pass, and nothing else happens", async () => {
    const bytes = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(bytes, async (pieces) => {
        const chunks = pieces.map((piece) => Buffer.from(piece));
        const came = await joined(chunks).then(({ length }) => `${length < 1_000_000 ? "few" : "many"} bytes`, String);
        expect(came).toMatch(/^few bytes|head sent a frame|head refers|within a frame/);
      }),
      { numRuns: isLong ? 20_000 : 300 },
    );
  });

  test("of a few bytes that stand for many are read no faster than the layer server takes them", async () => {
    const joiner = new Joiner(new ModelBytes(file));
    const many = Buffer.concat(Array.from({ length: 200 }, () => reference(0n, 100_000)));
    let most = 0;
    let taken = 0;
    const slow = new Writable({
      write: (chunk: Buffer, _encoding, ready) => {
        taken += chunk.length;
        most = Math.max(most, joiner.readableLength);
        setImmediate(ready);
      },
    });
    await pipeline(Readable.from([many], { objectMode: false }), joiner, slow);
    expect(taken).toBe(20_000_000);
    expect(most).toBeLessThan(1_000_000);
  });
});
