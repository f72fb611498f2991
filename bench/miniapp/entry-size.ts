/** Size of the code that a phone loads before it shows anything: the entry and its static imports, by package. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { gzipSync } from "node:zlib";

const MINIAPP = path.resolve(import.meta.dirname, "../../miniapp");
const PARTS_SHOWN = 8;

interface Chunk {
  file: string;
  isEntry?: boolean;
  css?: string[];
  imports?: string[];
}

export interface EntrySize {
  /** Gzip bytes by file; the first is the entry. */
  files: { file: string; gzipBytes: number }[];
  /** Share of the code by package, largest first; of the source before it is minified. */
  parts: { name: string; share: number }[];
  /** Gzip bytes of everything that is loaded later, where it is needed. */
  laterGzipBytes: number;
}

export async function measureEntry(): Promise<EntrySize> {
  const manifest = JSON.parse(readFileSync(path.join(MINIAPP, "dist/.vite/manifest.json"), "utf8")) as Record<
    string,
    Chunk
  >;
  const entry = "index.html";
  if (!manifest[entry]?.isEntry) throw new Error("the build has no entry: run `npm run build`");
  const first = filesOf(manifest, closure(manifest, entry));
  const all = filesOf(manifest, Object.keys(manifest));
  const size = (file: string) => gzipSync(readFileSync(path.join(MINIAPP, "dist", file))).length;
  return {
    files: first.map((file) => ({ file, gzipBytes: size(file) })),
    parts: await partsOfEntry(),
    laterGzipBytes: all
      .filter((file) => !first.includes(file) && /\.(js|css)$/.test(file))
      .reduce((sum, file) => sum + size(file), 0),
  };
}

function closure(manifest: Record<string, Chunk>, key: string, seen = new Set<string>()): string[] {
  if (!seen.has(key)) {
    seen.add(key);
    for (const imported of manifest[key]?.imports ?? []) closure(manifest, imported, seen);
  }
  return [...seen];
}

function filesOf(manifest: Record<string, Chunk>, keys: string[]): string[] {
  return [...new Set(keys.flatMap((key) => [manifest[key]?.file, ...(manifest[key]?.css ?? [])]))].filter(
    (file) => file !== undefined,
  );
}

interface BuiltChunk {
  fileName: string;
  isEntry?: boolean;
  name?: string;
  imports?: string[];
  modules?: Record<string, { renderedLength: number }>;
}

interface Built {
  output: BuiltChunk[];
}

/** Builds again in memory: only the bundler knows the length of each module. */
async function partsOfEntry(): Promise<EntrySize["parts"]> {
  const vite = createRequire(path.join(MINIAPP, "package.json")).resolve("vite");
  const { build } = (await import(vite)) as { build: (config: object) => Promise<Built> };
  const { output } = await build({
    root: MINIAPP,
    configFile: path.join(MINIAPP, "vite.config.ts"),
    logLevel: "silent",
    build: { write: false },
  });
  const entry = output.find((chunk) => chunk.isEntry && chunk.name === "index");
  const modules = withImports(output, entry).flatMap((chunk) => Object.entries(chunk.modules ?? {}));
  const bytes = new Map<string, number>();
  for (const [id, { renderedLength }] of modules) {
    const name = packageOf(id);
    bytes.set(name, (bytes.get(name) ?? 0) + renderedLength);
  }
  const total = [...bytes.values()].reduce((sum, value) => sum + value, 0);
  const parts = [...bytes].map(([name, length]) => ({ name, share: length / total })).sort((a, b) => b.share - a.share);
  const rest = parts.slice(PARTS_SHOWN).reduce((sum, { share }) => sum + share, 0);
  return [...parts.slice(0, PARTS_SHOWN), { name: "everything else", share: rest }];
}

/** A chunk and all its static imports: code that both pages of the build need is in separate chunks. */
function withImports(
  output: Built["output"],
  chunk: BuiltChunk | undefined,
  seen = new Set<BuiltChunk>(),
): BuiltChunk[] {
  if (chunk !== undefined && !seen.has(chunk)) {
    seen.add(chunk);
    for (const name of chunk.imports ?? [])
      withImports(
        output,
        output.find(({ fileName }) => fileName === name),
        seen,
      );
  }
  return [...seen];
}

function packageOf(id: string): string {
  const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1];
  if (name !== undefined) return name;
  return id.includes("/locales/") ? "texts (en, ru)" : "the app itself";
}
