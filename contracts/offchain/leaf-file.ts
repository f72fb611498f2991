/**
 * The published leaves of an epoch, as a text file anybody can read, keep and check:
 *
 *     starai-rewards 1
 *     network -239
 *     distributor 0:5f3c…              raw address, lower case
 *     epoch 12
 *     leaves 2
 *     total 700
 *     0a1b…(64 hex digits) 300         owner's account hash, nano units ever earned
 *     f00d…                400
 *
 * The form is canonical: ascending keys, no duplicates, no zero amounts, no leading zeros, lines end in a line feed.
 * So the same leaves give the same SHA-256, which is the data hash on chain. Readers treat a file as hostile.
 */
import { createHash } from "node:crypto";
import type { RewardLeaves } from "../wrappers/merkle.ts";

/** Four times the designed size of the network: a file of 350 MB and a tree of as much memory. */
export const LEAVES_MAX = 4_000_000;
/** A key, a space and the longest 64-bit number are 85 bytes; a header line is shorter than 90. */
const LINE_BYTES_MAX = 96;
const HEADER = ["starai-rewards", "network", "distributor", "epoch", "leaves", "total"] as const;
const CHUNK_LINES = 10_000;

export interface LeafFileHeader {
  /** Global id of the network: -239 mainnet, -3 testnet. */
  network: number;
  /** Raw address, `0:` and 64 lower-case hex digits. */
  distributor: string;
  epoch: number;
}

export interface LeafFile extends LeafFileHeader {
  leaves: RewardLeaves;
  total: bigint;
  /** SHA-256 of the file's bytes. */
  dataHash: Buffer;
}

/** Why a leaf file cannot be used, with the line at fault. */
export class BadLeafFile extends Error {
  constructor(line: number, fault: string) {
    super(`Line ${line} of the leaf file ${fault}`);
    this.name = "BadLeafFile";
  }
}

/** Yields the file's bytes in chunks. */
export function* writeLeafFile(header: LeafFileHeader, { keys, amounts }: RewardLeaves): Generator<Buffer> {
  const total = amounts.reduce((sum, amount) => sum + amount, 0n);
  const values = { "starai-rewards": 1, ...header, leaves: amounts.length, total };
  yield Buffer.from(HEADER.map((name) => `${name} ${values[name]}\n`).join(""));
  const bytes = Buffer.from(keys.buffer, keys.byteOffset, keys.byteLength);
  for (let first = 0; first < amounts.length; first += CHUNK_LINES) {
    const lines: string[] = [];
    for (let index = first; index < Math.min(first + CHUNK_LINES, amounts.length); index++)
      lines.push(`${bytes.toString("hex", index * 32, index * 32 + 32)} ${amounts[index]}\n`);
    yield Buffer.from(lines.join(""));
  }
}

/** Reads an untrusted file. @throws {BadLeafFile} at the first line that `writeLeafFile` could not have written. */
export async function readLeafFile(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<LeafFile> {
  const reader = new LeafReader();
  const hash = createHash("sha256");
  let rest = "";
  for await (const chunk of chunks) {
    hash.update(chunk);
    const lines = (rest + Buffer.from(chunk).toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) reader.line(line);
    if (rest.length > LINE_BYTES_MAX) reader.line(rest);
  }
  if (rest !== "") throw new BadLeafFile(reader.lines + 1, "is incomplete: the file was cut off, get it again");
  return reader.finish(hash.digest());
}

class LeafReader {
  lines = 0;
  readonly #header = new Map<string, string>();
  #leaves: RewardLeaves | null = null;
  #count = 0;
  #total = 0n;
  #previous = "";

  line(text: string): void {
    this.lines++;
    if (text.length > LINE_BYTES_MAX) this.#refuse(`is longer than ${LINE_BYTES_MAX} bytes`);
    if (this.#leaves) this.#leaf(this.#leaves, text);
    else this.#headerLine(text);
  }

  finish(dataHash: Buffer): LeafFile {
    const leaves = this.#leaves;
    if (!leaves || this.#count !== leaves.amounts.length)
      throw new BadLeafFile(this.lines + 1, "is missing: fewer leaves than the header says, get the file again");
    if (this.#total !== BigInt(this.#header.get("total")!))
      throw new BadLeafFile(HEADER.length, `has a total that is not the leaves' sum, ${this.#total}`);
    return {
      network: Number(this.#header.get("network")),
      distributor: this.#header.get("distributor")!,
      epoch: Number(this.#header.get("epoch")),
      leaves,
      total: this.#total,
      dataHash,
    };
  }

  #headerLine(text: string): void {
    const name = HEADER[this.#header.size]!;
    const value = text.startsWith(`${name} `) ? text.slice(name.length + 1) : "";
    if (!HEADER_VALUE[name].test(value)) this.#refuse(`should say "${name} …" in the form of docs/contracts.md`);
    this.#header.set(name, value);
    if (this.#header.size < HEADER.length) return;
    const count = Number(this.#header.get("leaves"));
    if (count > LEAVES_MAX) this.#refuse(`follows a count of ${count} leaves; at most ${LEAVES_MAX} are read`);
    this.#leaves = { keys: new Uint8Array(count * 32), amounts: new BigUint64Array(count) };
  }

  #leaf({ keys, amounts }: RewardLeaves, text: string): void {
    const [, key, digits] = /^([0-9a-f]{64}) ([1-9]\d{0,19})$/.exec(text) ?? [];
    if (!key || !digits) return this.#refuse("is not 64 hex digits, a space and an amount");
    if (this.#count === amounts.length) this.#refuse("is one leaf more than the header says");
    if (key <= this.#previous) this.#refuse("is out of order or names an owner twice");
    const amount = BigInt(digits);
    if (amount >= 1n << 64n) this.#refuse("has an amount that does not fit 64 bits");
    keys.set(Buffer.from(key, "hex"), this.#count * 32);
    amounts[this.#count++] = amount;
    this.#total += amount;
    this.#previous = key;
  }

  #refuse(fault: string): never {
    throw new BadLeafFile(this.lines, fault);
  }
}

const HEADER_VALUE: Record<(typeof HEADER)[number], RegExp> = {
  "starai-rewards": /^1$/,
  network: /^(0|-?[1-9]\d{0,9})$/,
  distributor: /^0:[0-9a-f]{64}$/,
  epoch: /^[1-9]\d{0,9}$/,
  leaves: /^[1-9]\d{0,7}$/,
  total: /^[1-9]\d{0,27}$/,
};
