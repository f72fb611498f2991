/** The archive of a worker's files that `/join` has a machine fetch: the same bytes from every server of one checkout. */
import { createHash } from "node:crypto";
import { lstat, readFile } from "node:fs/promises";
import path from "node:path";
import { Header } from "tar";
import { BUILD_CHARS, versionOf, WORKER_VERSION } from "@starai/protocol/worker-version";
import { workerFiles } from "./worker-files.ts";

/** Ten times what it holds now; more is a checkout with something in it that is no source. */
const ARCHIVE_BYTES_MAX = 16 * 1024 * 1024;
const BLOCK = 512;
/** This server's own. */
export const CHECKOUT = path.resolve(import.meta.dirname, "../../..");

export interface Archive {
  /** `starai-0.1.0-0123456789ab.tar`. */
  readonly name: string;
  /** What a machine says that runs it. */
  readonly version: string;
  /** Hex. */
  readonly sha256: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Builds it when it is first asked for, and once; where that fails, the next request tries again. It stays in memory:
 * 1.6 MB that all downloads share. It is not compressed, since zlib's output differs from one machine to the next.
 */
export class WorkerArchive {
  readonly #root: string;
  #built: Promise<Archive> | null = null;

  /** @param root  the checkout */
  constructor(root: string) {
    this.#root = root;
  }

  get(): Promise<Archive> {
    this.#built ??= build(this.#root).catch((error: unknown) => {
      this.#built = null;
      throw error;
    });
    return this.#built;
  }
}

async function build(root: string): Promise<Archive> {
  const files = await workerFiles(root);
  if (!files.includes("worker/src/main.ts")) throw new Error(`There is no worker in ${root}`);
  const bytes = Buffer.concat([
    ...(await Promise.all(files.map((file) => entryOf(root, file)))).flat(),
    // Two empty blocks end a tar.
    Buffer.alloc(2 * BLOCK),
  ]);
  if (bytes.length > ARCHIVE_BYTES_MAX) throw new Error(`The worker's files are over ${ARCHIVE_BYTES_MAX} bytes`);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const build = sha256.slice(0, BUILD_CHARS);
  return { name: `starai-${WORKER_VERSION}-${build}.tar`, version: versionOf(build), sha256, bytes };
}

/** Its header, its content and what fills the last block. Owner, mode and time are alike on every machine. */
async function entryOf(root: string, file: string): Promise<Buffer[]> {
  const place = path.join(root, file);
  // A link may lead out of the checkout.
  if (!(await lstat(place)).isFile()) throw new Error(`${file} is no plain file`);
  const content = await readFile(place);
  const header = new Header({
    path: file,
    type: "File",
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: content.length,
    mtime: new Date(0),
  });
  const block = Buffer.alloc(BLOCK);
  if (header.encode(block)) throw new Error(`${file} has a name that is too long for a tar's header`);
  return [block, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
}
