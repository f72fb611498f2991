/**
 * An append-only file of JSON lines. A line is written before its effect is acknowledged, so a killed process loses
 * nothing it has acknowledged; a line cut by the kill is dropped when the file is reopened.
 */
import fs from "node:fs";
import path from "node:path";
import { makePrivateFolder } from "../private-folder.ts";

/** Size at which the file is rewritten from the state, which drops superseded edits of streamed group answers. */
const BYTES_MAX = 64 * 1024 * 1024;

export class Journal<Entry> {
  readonly #file: string;
  readonly #snapshot: () => Iterable<Entry>;
  #descriptor: number;
  #bytes = 0;
  #torn = false;

  /**
   * Opens the file, passes every whole line to `replay`, then rewrites the file from `snapshot`. Skips lines that are
   * not JSON. @throws errors of the file system
   */
  constructor(file: string, replay: (entry: Entry) => void, snapshot: () => Iterable<Entry>) {
    this.#file = file;
    this.#snapshot = snapshot;
    makePrivateFolder(path.dirname(file));
    for (const entry of readLines<Entry>(file)) replay(entry);
    this.#descriptor = this.#rewrite();
  }

  /** Writes one entry. @throws when the write fails, even in part; later entries remain readable all the same */
  append(entry: Entry): void {
    const line = Buffer.from(`${this.#torn ? "\n" : ""}${JSON.stringify(entry)}\n`);
    this.#torn = true;
    const written = fs.writeSync(this.#descriptor, line);
    if (written < line.length) throw new Error(`${this.#file}: only a part of a line was written; is the disk full?`);
    this.#torn = false;
    this.#bytes += line.length;
    if (this.#bytes > BYTES_MAX) {
      fs.closeSync(this.#descriptor);
      this.#descriptor = this.#rewrite();
    }
  }

  [Symbol.dispose](): void {
    if (this.#descriptor !== -1) fs.closeSync(this.#descriptor);
    this.#descriptor = -1; // A late write must fail instead of reaching a file that reuses the descriptor.
  }

  /** Writes the state to a new file and puts it in the old one's place, so that a kill leaves one of the two whole. */
  #rewrite(): number {
    const fresh = `${this.#file}.new`;
    const descriptor = fs.openSync(fresh, "w", 0o600);
    this.#bytes = 0;
    for (const entry of this.#snapshot()) {
      const line = `${JSON.stringify(entry)}\n`;
      fs.writeSync(descriptor, line);
      this.#bytes += Buffer.byteLength(line);
    }
    fs.fsyncSync(descriptor);
    fs.renameSync(fresh, this.#file);
    return descriptor;
  }
}

function* readLines<Entry>(file: string): Generator<Entry> {
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
    throw error;
  }
  for (const line of text.split("\n")) {
    if (line === "") continue;
    let entry: Entry;
    try {
      entry = JSON.parse(line) as Entry;
    } catch {
      continue; // The one line a kill may have cut.
    }
    yield entry;
  }
}
