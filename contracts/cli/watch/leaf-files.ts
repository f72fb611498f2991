/** Published leaf files in a folder or below a URL, each named by its SHA-256. Whoever publishes them is not trusted. */
import { createWriteStream, existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { LEAVES_MAX } from "../../offchain/leaf-file.ts";

/** The longest line has 85 bytes and its end. */
const BYTES_MAX = LEAVES_MAX * 86;
const DOWNLOAD_MS_MAX = 600_000;
const NOT_FOUND = 404;

export class LeafFiles {
  readonly #source: string;
  #folder: string | null = null;

  constructor(source: string) {
    this.#source = source;
  }

  /** Path of the file with this SHA-256 (hex), fetched first from a URL; null when it is not there. Its bytes are not checked. */
  async find(hash: string): Promise<string | null> {
    const names = [hash, `${hash}.txt`];
    if (!/^https?:\/\//.test(this.#source))
      return names.map((name) => path.join(this.#source, name)).find((file) => existsSync(file)) ?? null;
    this.#folder ??= await mkdtemp(path.join(os.tmpdir(), "starai-leaves-"));
    const file = path.join(this.#folder, hash);
    if (existsSync(file)) return file;
    for (const name of names) if (await download(`${this.#source.replace(/\/$/, "")}/${name}`, file)) return file;
    return null;
  }

  /** Forgets a fetched file, of which the next `find` gets a fresh copy. */
  async forget(hash: string): Promise<void> {
    if (this.#folder) await rm(path.join(this.#folder, hash), { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }
}

/** False when there is no such file. @throws when it is too large or does not come to its end. */
async function download(url: string, file: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_MS_MAX) }).catch((error: unknown) => {
    throw new Error(`${url} does not answer`, { cause: error });
  });
  if (answer.status === NOT_FOUND) return false;
  if (!answer.ok || !answer.body) throw new Error(`${url} answered ${answer.status}`);
  try {
    await pipeline(
      Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]),
      bounded(url),
      createWriteStream(file),
    );
    return true;
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

function bounded(url: string): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > BYTES_MAX) done(new Error(`${url} is longer than a leaf file can be`));
      else done(null, chunk);
    },
  });
}
