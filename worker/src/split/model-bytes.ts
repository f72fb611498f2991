/** A model's file, of which both ends of a tunnel have a copy: any piece of it. */
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

/** Opened when it is first read: most connections of an engine carry no tensor. */
export class ModelBytes {
  readonly #path: string;
  #file: Promise<{ handle: FileHandle; size: number }> | null = null;
  #isClosed = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Null where the file does not have them all. */
  async read(offset: number, length: number): Promise<Buffer | null> {
    if (this.#isClosed) return null;
    this.#file ??= openFile(this.#path);
    const { handle, size } = await this.#file;
    if (offset + length > size) return null;
    const bytes = Buffer.allocUnsafe(length);
    const { bytesRead } = await handle.read(bytes, 0, length, offset);
    return bytesRead === length ? bytes : null;
  }

  close(): void {
    this.#isClosed = true;
    void this.#file?.then(({ handle }) => handle.close()).catch(() => {});
  }
}

async function openFile(path: string): Promise<{ handle: FileHandle; size: number }> {
  const handle = await open(path, "r");
  return { handle, size: (await handle.stat()).size };
}
