/**
 * The representation hash of a cell that holds bits and no references, which is what a contract checks a signature against: computed here in thirty lines,
 * because a page that signs would otherwise load @ton/core for it (`npm run bench -- voucher`).
 * @see tblkch.pdf, 3.1.5; contracts/tests/voucher.test.ts compares it with @ton/core's.
 */

/** A number as the bits of its field: never negative, below 2^width. */
export type Field = readonly [bits: bigint, width: number];

/** An unsigned integer. @throws {RangeError} when the value does not fit `width` bits. */
export function uint(name: string, value: number | bigint, width: number): Field {
  const whole = BigInt(value);
  if (BigInt.asUintN(width, whole) !== whole) throw misfit(name, value, `${width} bits`);
  return [whole, width];
}

/** A signed integer in two's complement. @throws {RangeError} when the value does not fit `width` bits. */
export function int(name: string, value: number, width: number): Field {
  const whole = BigInt(value);
  if (BigInt.asIntN(width, whole) !== whole) throw misfit(name, value, `${width} bits with a sign`);
  return [BigInt.asUintN(width, whole), width];
}

/** An amount: its length in bytes, up to 15, in four bits, then its bytes. */
export function coins(name: string, nano: bigint): Field[] {
  if (BigInt.asUintN(120, nano) !== nano) throw misfit(name, nano, "120 bits");
  const length = nano === 0n ? 0 : Math.ceil(nano.toString(2).length / 8);
  return [
    [BigInt(length), 4],
    [nano, 8 * length],
  ];
}

/** A basechain address in its raw form, `0:` and 64 hex digits: its tag, no anycast, workchain 0, the account's hash. */
export function address(name: string, raw: string): Field[] {
  return [[0b100n, 3], [0n, 8], accountHash(name, raw)];
}

/** The hash part of a raw basechain address. */
export function accountHash(name: string, raw: string): Field {
  const hash = /^0:([0-9a-f]{64})$/i.exec(raw)?.[1];
  if (hash === undefined) throw misfit(name, raw.slice(0, 80), "a raw basechain address, 0: and 64 hex digits");
  return [BigInt(`0x${hash}`), 256];
}

/** Bytes of a fixed length, such as a key or a signature. @throws {RangeError} when there are more or fewer. */
export function bytes(name: string, value: Uint8Array, length: number): Field {
  if (value.length !== length) throw misfit(name, value.length, `${length} bytes`);
  return [value.reduce((all, byte) => (all << 8n) | BigInt(byte), 0n), 8 * length];
}

/** The representation hash of a cell without references. */
export async function cellHash(fields: readonly Field[]): Promise<ArrayBuffer> {
  const { descriptor, data } = cellData(fields);
  return crypto.subtle.digest("SHA-256", Uint8Array.from([0, descriptor, ...data]));
}

/** Fields as the bytes of a cell, and the second descriptor, which tells their length. */
export function cellData(fields: readonly Field[]): { descriptor: number; data: number[] } {
  const length = fields.reduce((sum, [, width]) => sum + width, 0);
  // A leading one keeps the leading zeros; a trailing one pads an incomplete byte.
  const data = fields.reduce((all, [bits, width]) => (all << BigInt(width)) | bits, 1n);
  const spare = -length & 7;
  const closed = spare === 0 ? data : ((data << 1n) | 1n) << BigInt(spare - 1);
  const hex = closed.toString(16).slice(1).match(/../g) ?? [];
  return {
    descriptor: Math.floor(length / 8) + Math.ceil(length / 8),
    data: hex.map((byte) => Number.parseInt(byte, 16)),
  };
}

function misfit(name: string, value: number | bigint | string, what: string): RangeError {
  return new RangeError(`${name} must fit ${what}, and ${value} does not`);
}
