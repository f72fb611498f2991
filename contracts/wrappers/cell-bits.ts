/**
 * The data bits of one dictionary cell, written into a reused buffer, and the hash of that cell without creating it.
 * A million cell objects would take gigabytes; one reused buffer takes a few hundred bytes.
 * @see block.tlb, `HmLabel`; @ton/core's serializeDict chooses labels by the same three lengths.
 */
import { beginCell } from "@ton/core";
import type { Builder } from "@ton/core";

export type Sha256 = (bytes: Buffer) => Uint8Array;

export const KEY_BITS = 256;
export const HASH_BYTES = 32;

/** A cell holds at most 1023 data bits; two references add 2 × (2 + 32) bytes to what is hashed, and two bytes describe both. */
const DATA_BYTES_MAX = 128;
const REPRESENTATION_BYTES_MAX = 2 + DATA_BYTES_MAX + 2 * (2 + HASH_BYTES);

export interface ChildHash {
  hash: Uint8Array;
  depth: number;
}

export class CellBits {
  #bytes = Buffer.alloc(REPRESENTATION_BYTES_MAX);
  /** Data starts after the two descriptor bytes, so that hashing copies nothing. */
  #cursor = 16;

  reset(): void {
    this.#bytes.fill(0, 2, 2 + DATA_BYTES_MAX);
    this.#cursor = 16;
  }

  /** Writes the low `width` bits of a number below 2^31. */
  number(value: number, width: number): void {
    for (let bit = width - 1; bit >= 0; bit--) this.#bit((value >> bit) & 1);
  }

  /** The `Coins` form: a length in bytes of four bits, then that many bytes. */
  coins(value: bigint): void {
    const bytes = value === 0n ? 0 : Math.ceil(value.toString(2).length / 8);
    this.number(bytes, 4);
    for (let byte = bytes - 1; byte >= 0; byte--) this.number(Number((value >> BigInt(8 * byte)) & 0xffn), 8);
  }

  /** The label of an edge: bits `from` to `to` of the key at `keyAt`, in the shortest of the three forms. */
  label(keys: Uint8Array, keyAt: number, from: number, to: number): void {
    const length = to - from;
    const lengthWidth = Math.ceil(Math.log2(KEY_BITS - from + 1));
    const short = 2 * length + 2;
    const long = 2 + lengthWidth + length;
    const same = 3 + lengthWidth;
    if (same < Math.min(short, long) && isUniform(keys, keyAt, from, to)) {
      this.number(0b110 | keyBit(keys, keyAt, from), 3);
      return this.number(length, lengthWidth);
    }
    if (long < short) {
      this.number(0b10, 2);
      this.number(length, lengthWidth);
    } else {
      this.#bit(0);
      for (let bit = 0; bit < length; bit++) this.#bit(1);
      this.#bit(0);
    }
    for (let bit = from; bit < to; bit++) this.#bit(keyBit(keys, keyAt, bit));
  }

  /** The representation hash of an ordinary cell of level 0 with these bits and children. */
  hash(children: readonly ChildHash[], sha256: Sha256): Uint8Array {
    const bits = this.#cursor - 16;
    this.#bytes[0] = children.length;
    this.#bytes[1] = Math.ceil(bits / 8) + Math.floor(bits / 8);
    let at = 2 + Math.ceil(bits / 8);
    // A one after the last bit pads an incomplete byte.
    if (bits % 8 !== 0) this.#bytes[2 + (bits >> 3)]! |= 0x80 >> (bits % 8);
    for (const { depth } of children) at = this.#bytes.writeUInt16BE(depth, at);
    for (const { hash } of children) {
      this.#bytes.set(hash, at);
      at += HASH_BYTES;
    }
    return sha256(this.#bytes.subarray(0, at));
  }

  /** The same bits in a builder, for the few cells of a proof. */
  toBuilder(): Builder {
    const builder = beginCell();
    for (let at = 16; at < this.#cursor; at++) builder.storeBit(((this.#bytes[at >> 3]! >> (7 - (at & 7))) & 1) === 1);
    return builder;
  }

  #bit(bit: number): void {
    if (bit) this.#bytes[this.#cursor >> 3]! |= 0x80 >> (this.#cursor & 7);
    this.#cursor++;
  }
}

/** Bit `bit` (0 is the first, most significant) of the key that starts at byte `keyAt`. */
export function keyBit(keys: Uint8Array, keyAt: number, bit: number): number {
  return (keys[keyAt + (bit >> 3)]! >> (7 - (bit & 7))) & 1;
}

function isUniform(keys: Uint8Array, keyAt: number, from: number, to: number): boolean {
  const first = keyBit(keys, keyAt, from);
  for (let bit = from + 1; bit < to; bit++) if (keyBit(keys, keyAt, bit) !== first) return false;
  return true;
}
