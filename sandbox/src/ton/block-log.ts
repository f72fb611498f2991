/**
 * The chain on disk: one append-only file of records, chained by hashes.
 *
 *     record  = length (u32) · hash (32) · payload            hash = sha256(hash of the record before · payload)
 *     payload = header length (u32) · header (JSON) · blobs
 *
 * A record is written at a known offset and synced before it is acknowledged, and before the next one starts. So a kill
 * can tear only the last record, which nobody has seen; it is dropped at opening. A wrong hash elsewhere is damage and
 * throws.
 */
import { createHash } from "node:crypto";
import fs from "node:fs";
import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { makePrivateFolder } from "../private-folder.ts";

const PREFIX_BYTES = 4 + 32;
/** A block of 500 transactions with states of 64 KB; a length above this is garbage of a torn write. */
const RECORD_BYTES_MAX = 64 * 1024 * 1024;

/** A range of bytes in the file. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

export interface LogRecord<Header> {
  readonly header: Header;
  readonly hash: Buffer;
  /** Offset of the record's blobs in the file. */
  readonly blobsAt: number;
}

export class BlockLog<Header> {
  readonly #file: FileHandle;
  #end: number;
  #hash: Buffer;

  private constructor(file: FileHandle, end: number, hash: Buffer) {
    this.#file = file;
    this.#end = end;
    this.#hash = hash;
  }

  /**
   * Opens or creates the file and passes every whole record to `replay`, oldest first. A torn last record is moved to
   * `<file>.torn`.
   * @throws when a record that is not the last is damaged; the file is left as it is.
   */
  static async open<Header>(file: string, replay: (record: LogRecord<Header>) => void): Promise<BlockLog<Header>> {
    makePrivateFolder(path.dirname(file));
    const handle = await fs.promises.open(file, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
    try {
      const { end, hash } = readRecords(handle.fd, file, replay);
      const { size } = await handle.stat();
      if (size > end) {
        fs.writeFileSync(`${file}.torn`, readBytes(handle.fd, { offset: end, length: size - end }), { mode: 0o600 });
        await handle.truncate(end);
      }
      return new BlockLog<Header>(handle, end, hash);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get bytes(): number {
    return this.#end;
  }

  /** Resolves when the record is on disk. Callers must await each append. A failed append leaves the log unchanged. */
  async append(header: Header, blobs: readonly Buffer[]): Promise<LogRecord<Header>> {
    const json = Buffer.from(JSON.stringify(header));
    const payload = Buffer.concat([u32(json.length), json, ...blobs]);
    if (payload.length > RECORD_BYTES_MAX) throw new Error("the block is larger than the log allows");
    const hash = chained(this.#hash, payload);
    const record = Buffer.concat([u32(payload.length), hash, payload]);
    try {
      const { bytesWritten } = await this.#file.write(record, 0, record.length, this.#end);
      if (bytesWritten < record.length) throw new Error("only a part of a block was written; is the disk full?");
      await this.#file.datasync();
    } catch (error) {
      // A remainder behind a shorter next record would be read as damage in the middle.
      await this.#file.truncate(this.#end).catch(() => null);
      throw error;
    }
    const blobsAt = this.#end + PREFIX_BYTES + 4 + json.length;
    this.#end += record.length;
    this.#hash = hash;
    return { header, hash, blobsAt };
  }

  read(place: Place): Buffer {
    return readBytes(this.#file.fd, place);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

function readRecords<Header>(
  fd: number,
  file: string,
  replay: (record: LogRecord<Header>) => void,
): { end: number; hash: Buffer } {
  const { size } = fs.fstatSync(fd);
  let hash: Buffer = Buffer.alloc(32);
  let end = 0;
  while (end + PREFIX_BYTES <= size) {
    const prefix = readBytes(fd, { offset: end, length: PREFIX_BYTES });
    const length = prefix.readUInt32BE(0);
    const next = end + PREFIX_BYTES + length;
    if (length < 4 || length > RECORD_BYTES_MAX || next > size) break;
    const payload = readBytes(fd, { offset: end + PREFIX_BYTES, length });
    const expected = chained(hash, payload);
    if (!expected.equals(prefix.subarray(4))) {
      if (next === size) break;
      throw new Error(
        `${file} is damaged at byte ${end} of ${size}. Put a backup in its place, or move its folder away to begin a new chain.`,
      );
    }
    const headerBytes = payload.readUInt32BE(0);
    const header = JSON.parse(payload.toString("utf8", 4, 4 + headerBytes)) as Header;
    replay({ header, hash: expected, blobsAt: end + PREFIX_BYTES + 4 + headerBytes });
    hash = expected;
    end = next;
  }
  return { end, hash };
}

function readBytes(fd: number, { offset, length }: Place): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const read = fs.readSync(fd, bytes, done, length - done, offset + done);
    if (read === 0) throw new Error("the chain's file is shorter than its records");
    done += read;
  }
  return bytes;
}

function chained(before: Buffer, payload: Buffer): Buffer {
  return createHash("sha256").update(before).update(payload).digest();
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
