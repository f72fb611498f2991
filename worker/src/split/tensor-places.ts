/**
 * Reads where each tensor begins in a GGUF file. node-llama-cpp's own reader takes two seconds of the main thread for a
 * large vocabulary, as it keeps it; here everything but the tensors is skipped.
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

/** Where a tensor's bytes begin in the file, by its name. */
export type TensorPlaces = ReadonlyMap<string, number>;

const MAGIC = 0x46554747; // "GGUF"
const STRING = 8;
const ARRAY = 9;
/** Bytes of each kind of value that has a fixed size, by its number. */
const SIZES: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const UINT32 = 4;
const DEFAULT_ALIGNMENT = 32;
/** The largest vocabularies fill a sixth. */
const HEADER_BYTES_MAX = 64 * 1024 ** 2;
const BLOCK_BYTES = 1024 * 1024;

/** Empty where the file has no such header, or continues in other files: then nothing is left out of what is sent. */
export async function readTensorPlaces(path: string): Promise<TensorPlaces> {
  const handle = await open(path, "r");
  try {
    return await readHeader(new HeaderBytes(handle));
  } catch {
    return new Map();
  } finally {
    await handle.close();
  }
}

async function readHeader(bytes: HeaderBytes): Promise<TensorPlaces> {
  const [magic, version] = [await bytes.uint32(), await bytes.uint32()];
  if (magic !== MAGIC || version < 2) throw new Error("no GGUF header of a version that is known here");
  const [tensors, values] = [await bytes.uint64(), await bytes.uint64()];
  let alignment = DEFAULT_ALIGNMENT;
  for (let at = 0; at < values; at++) {
    const key = await bytes.string();
    const kind = await bytes.uint32();
    if (key.startsWith("split.")) throw new Error("the model continues in other files");
    if (key === "general.alignment" && kind === UINT32) alignment = await bytes.uint32();
    else await skipValue(bytes, kind);
  }
  const offsets: [string, number][] = [];
  for (let at = 0; at < tensors; at++) offsets.push(await readTensor(bytes));
  const begin = Math.ceil(bytes.position / alignment) * alignment;
  return new Map(offsets.map(([name, offset]) => [name, begin + offset]));
}

async function readTensor(bytes: HeaderBytes): Promise<[string, number]> {
  const name = await bytes.string();
  const dimensions = await bytes.uint32();
  await bytes.skip(dimensions * 8);
  await bytes.uint32();
  return [name, await bytes.uint64()];
}

async function skipValue(bytes: HeaderBytes, kind: number): Promise<void> {
  if (kind === STRING) return await bytes.skip(await bytes.uint64());
  const size = SIZES[kind];
  if (size !== undefined) return await bytes.skip(size);
  if (kind !== ARRAY) throw new Error(`a value of an unknown kind (${kind})`);
  const [of, count] = [await bytes.uint32(), await bytes.uint64()];
  const each = SIZES[of];
  if (each !== undefined) return await bytes.skip(each * count);
  for (let at = 0; at < count; at++) await skipValue(bytes, of);
}

/** A file from its beginning, a block in memory at a time. */
class HeaderBytes {
  readonly #handle: FileHandle;
  #block = Buffer.alloc(0);
  #blockAt = 0;
  position = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async uint32(): Promise<number> {
    return (await this.#take(4)).readUInt32LE();
  }

  async uint64(): Promise<number> {
    return Number((await this.#take(8)).readBigUInt64LE());
  }

  async string(): Promise<string> {
    const length = await this.uint64();
    if (length > BLOCK_BYTES) throw new Error("a name without end");
    return (await this.#take(length)).toString("utf8");
  }

  async skip(bytes: number): Promise<void> {
    this.position += bytes;
    if (this.position > HEADER_BYTES_MAX) throw new Error("a header without end");
  }

  async #take(bytes: number): Promise<Buffer> {
    const at = this.position;
    await this.skip(bytes);
    if (at < this.#blockAt || this.position > this.#blockAt + this.#block.length) await this.#readBlock(at);
    const taken = this.#block.subarray(at - this.#blockAt, this.position - this.#blockAt);
    if (taken.length < bytes) throw new Error("the file ends within its header");
    return taken;
  }

  async #readBlock(at: number): Promise<void> {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    const { bytesRead } = await this.#handle.read(block, 0, BLOCK_BYTES, at);
    this.#block = block.subarray(0, bytesRead);
    this.#blockAt = at;
  }
}
