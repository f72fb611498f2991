/** Model files of only a header, for tests of what is read from it. */

export interface HeaderTensor {
  name: string;
  dimensions: readonly number[];
  /** GGUF's number for it. */
  type: number;
}

interface Header {
  strings: Record<string, string>;
  numbers: Record<string, number>;
  tensors?: readonly HeaderTensor[];
}

const STRING = 8;
const UINT32 = 4;

export function gguf({ strings, numbers, tensors = [] }: Header): Buffer {
  const pairs = [
    ...Object.entries(strings).map(([key, value]) => Buffer.concat([text(key), u32(STRING), text(value)])),
    ...Object.entries(numbers).map(([key, value]) => Buffer.concat([text(key), u32(UINT32), u32(value)])),
  ];
  const places = tensors.map(({ name, dimensions, type }) =>
    Buffer.concat([text(name), u32(dimensions.length), ...dimensions.map(u64), u32(type), u64(0)]),
  );
  return Buffer.concat([Buffer.from("GGUF"), u32(3), u64(tensors.length), u64(pairs.length), ...pairs, ...places]);
}

const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value: number) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
const text = (value: string) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
