/**
 * Reads just enough of a GGUF file to know where its key-values end, and cuts a vocabulary-only file out of them.
 *
 * The file is hostile: it may come from the network. Every length is checked against what is there before it is
 * believed, and the walk's work is bounded by the bytes given.
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */

/** The largest header read. The biggest vocabularies in use (256,000 tokens) take about 12 MB. */
export const HEADER_BYTES_MAX = 24 * 1024 * 1024;

const MAGIC = 0x46554747; // "GGUF", little endian
const FIXED_BYTES = 24; // magic, version, tensor count, key-value count
const TENSOR_COUNT_AT = 8;
const KEYS_MAX = 4_096;
const KEY_BYTES_MAX = 65_535; // the format's own bound
const ALIGNMENT = 32;

const STRING = 8;
const ARRAY = 9;
/** Bytes of each fixed-size value type, by its number in the format. */
const SIZES: Readonly<Record<number, number>> = {
  0: 1, // u8
  1: 1, // i8
  2: 2, // u16
  3: 2, // i16
  4: 4, // u32
  5: 4, // i32
  6: 4, // f32
  7: 1, // bool
  10: 8, // u64
  11: 8, // i64
  12: 8, // f64
};

export type HeaderReading =
  /** The key-values end at byte `end`. */
  | { kind: "whole"; end: number }
  /** The bytes are a valid beginning; the header goes on. */
  | { kind: "more" }
  | { kind: "bad"; reason: string };

class EndOfBytes extends Error {}
class BadHeader extends Error {}

/** Where the key-values of a GGUF file end, from its first bytes. */
export function readHeader(bytes: Buffer): HeaderReading {
  try {
    return { kind: "whole", end: new Walk(bytes).end() };
  } catch (error) {
    if (error instanceof EndOfBytes) return { kind: "more" };
    if (error instanceof BadHeader) return { kind: "bad", reason: error.message };
    throw error;
  }
}

/**
 * The header as a file of its own: same key-values, no tensors, padded to the format's alignment. llama.cpp loads
 * it with `vocabOnly`, and it gives the same token ids and the same text as the whole file.
 */
export function cutVocabulary(bytes: Buffer, end: number): Buffer {
  const padded = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
  const file = Buffer.alloc(padded);
  bytes.copy(file, 0, 0, end);
  file.writeBigUInt64LE(0n, TENSOR_COUNT_AT);
  return file;
}

class Walk {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  end(): number {
    this.#need(4);
    if (this.#bytes.readUInt32LE(0) !== MAGIC) throw new BadHeader("it does not begin with GGUF");
    this.#need(FIXED_BYTES);
    const version = this.#bytes.readUInt32LE(4);
    if (version !== 2 && version !== 3) throw new BadHeader(`GGUF version ${version} is not 2 or 3`);
    this.#at = FIXED_BYTES - 8;
    const keys = this.#length(KEYS_MAX, "key-values");
    for (let index = 0; index < keys; index++) {
      this.#skip(this.#length(KEY_BYTES_MAX, "bytes of a key"));
      this.#value(this.#u32());
    }
    return this.#at;
  }

  #value(type: number): void {
    if (type === STRING) return this.#skip(this.#length(HEADER_BYTES_MAX, "bytes of text"));
    if (type === ARRAY) return this.#array();
    this.#skip(this.#sizeOf(type));
  }

  #array(): void {
    const type = this.#u32();
    if (type === ARRAY) throw new BadHeader("it nests arrays, which no vocabulary does");
    const items = this.#length(HEADER_BYTES_MAX, "items of an array");
    if (type !== STRING) return this.#skip(items * this.#sizeOf(type));
    for (let index = 0; index < items; index++) this.#skip(this.#length(HEADER_BYTES_MAX, "bytes of text"));
  }

  #sizeOf(type: number): number {
    const size = SIZES[type];
    if (size === undefined) throw new BadHeader(`it has a value of unknown type ${type}`);
    return size;
  }

  #u32(): number {
    this.#need(4);
    const value = this.#bytes.readUInt32LE(this.#at);
    this.#at += 4;
    return value;
  }

  #length(max: number, what: string): number {
    this.#need(8);
    const value = this.#bytes.readBigUInt64LE(this.#at);
    if (value > BigInt(max)) throw new BadHeader(`it claims ${value} ${what}; at most ${max} are read`);
    this.#at += 8;
    return Number(value);
  }

  #skip(bytes: number): void {
    this.#need(bytes);
    this.#at += bytes;
  }

  #need(bytes: number): void {
    const end = this.#at + bytes;
    if (end > HEADER_BYTES_MAX) throw new BadHeader(`its header is longer than ${HEADER_BYTES_MAX} bytes`);
    if (end > this.#bytes.length) throw new EndOfBytes();
  }
}
