/**
 * The file of credit notes: one signed note a line, in the order they came. Only whole lines count. Lines are written at a
 * known place, so that half a line, left by a crash or a full disk, is written over.
 */
import { createReadStream } from "node:fs";
import { copyFile, mkdir, open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { SignedNote } from "@starai/protocol/credit-note";
import type { CreditNote } from "@starai/protocol/credit-note";
import { readNote } from "./check-note.ts";

export interface KeptNote {
  signed: SignedNote;
  note: CreditNote;
}

/** A signed note is at most 1,000 characters of text, twice that when it is quoted, and its signature. */
const LINE_BYTES_MAX = 8 * 1024;
const LINE_FEED = 10;

export class NoteFile {
  readonly #handle: FileHandle;
  #size: number;

  private constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  /**
   * Opens the file, tells each note of it, and cuts off what follows the last whole one. Anything but half a line is
   * copied beside it first.
   * @param onDamage  called with the path of that copy
   */
  static async open(
    path: string,
    { onNote, onDamage }: { onNote: (kept: KeptNote) => void; onDamage: (copy: string) => void },
  ): Promise<NoteFile> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const handle = await open(path, "a+", 0o600).then(async (made) => {
      await made.close();
      return await open(path, "r+");
    });
    const { goodBytes, isDamaged } = await readLines(path, onNote);
    if (isDamaged) {
      const copy = `${path}.damaged-${Date.now()}`;
      await copyFile(path, copy);
      onDamage(copy);
    }
    await handle.truncate(goodBytes);
    return new NoteFile(handle, goodBytes);
  }

  /** Writes the lines and waits until they are on the disk. Rejects when they are not; then none of them counts. */
  async append(notes: readonly SignedNote[]): Promise<void> {
    const bytes = Buffer.from(notes.map((note) => `${JSON.stringify(note)}\n`).join(""));
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#size + done);
      done += bytesWritten;
    }
    await this.#handle.datasync();
    this.#size += bytes.length;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Tells each whole note from the beginning to the first line that is none. A file that is not there has no notes. */
export async function readNotes(path: string, onNote: (kept: KeptNote) => void): Promise<{ isDamaged: boolean }> {
  return await readLines(path, onNote);
}

/** `isDamaged`: what follows the good lines is more than half a line. */
async function readLines(path: string, onNote: (kept: KeptNote) => void) {
  let goodBytes = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunksOf(path)) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED, from)) {
      const kept = parseLine(rest.subarray(from, end).toString("utf8"));
      if (kept === null) return { goodBytes, isDamaged: true };
      onNote(kept);
      goodBytes += end + 1 - from;
      from = end + 1;
    }
    rest = rest.subarray(from);
    if (rest.length > LINE_BYTES_MAX) return { goodBytes, isDamaged: true };
  }
  return { goodBytes, isDamaged: false };
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path) as AsyncIterable<Buffer>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function parseLine(line: string): KeptNote | null {
  try {
    const signed = SignedNote.parse(JSON.parse(line));
    const note = readNote(signed.note);
    return note && { signed, note };
  } catch {
    return null;
  }
}
