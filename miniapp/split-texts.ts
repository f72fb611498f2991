/**
 * Divides the catalogues of texts for the build. The first chunk has what it may show; the texts of money come with the
 * parts that show them, as `…/en.json?late`; what only the bot says is left out. A text is used where the sources name
 * its key, or begin to: `persona.${id}.name` uses all of `persona.`.
 */
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import type { Plugin, Rolldown } from "vite";

const ROOT = path.resolve(import.meta.dirname, "..");
const CATALOGUE = /[/\\]protocol[/\\]locales[/\\]\w+\.json(\?late)?$/;
const PLURAL = /_(?:zero|one|two|few|many|other)$/;
/** The tabs are there from the first. */
const LATE = /^(?:wallet|machines?)\.(?!title$)/;
/** The module that adds the late texts. */
const ADDS_LATE = /[/\\]miniapp[/\\]src[/\\]lib[/\\]late-texts\.ts$/;

export interface NamedKeys {
  whole: ReadonlySet<string>;
  beginnings: readonly string[];
}

export function splitTexts(): Plugin {
  let named: NamedKeys | null = null;
  return {
    name: "split-texts",
    enforce: "pre",
    config(_config, { command }) {
      // A development server has every text everywhere: keys are added while it runs.
      if (command === "build") named = namedKeys(sourcesOfTheApp());
    },
    transform(code, id) {
      const catalogue = CATALOGUE.exec(id);
      if (catalogue === null) return null;
      const all = JSON.parse(code) as Record<string, string>;
      const texts = named === null ? all : partOf(onlyUsed(all, named), catalogue[1] !== undefined);
      return { code: `export default ${JSON.stringify(texts)}`, moduleType: "js", map: null };
    },
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk" || !(chunk.isEntry || chunk.isDynamicEntry)) continue;
        const modules = modulesOf(chunk, bundle);
        const missing = modules.find((id) => namesLate(this.getModuleInfo(id)?.code ?? ""));
        if (missing !== undefined && !modules.some((id) => ADDS_LATE.test(id)))
          this.error(`${missing} shows texts that come late: ${chunk.name} must import lib/late-texts.ts`);
      }
    },
  };
}

export function sourcesOfTheApp(): string[] {
  const app = readdirSync(path.join(ROOT, "miniapp/src"), { recursive: true, encoding: "utf8" });
  const shared = readdirSync(path.join(ROOT, "protocol"));
  return [...app.map((file) => `miniapp/src/${file}`), ...shared.map((file) => `protocol/${file}`)]
    .filter((file) => /\.tsx?$/.test(file) && !file.includes(".test."))
    .map((file) => readFileSync(path.join(ROOT, file), "utf8"));
}

/** Everything in the sources that looks like a key, or like the beginning of one. */
export function namedKeys(sources: readonly string[]): NamedKeys {
  const all = (pattern: RegExp) =>
    sources.flatMap((source) => [...source.matchAll(pattern)].map(([, key = ""]) => key));
  return { whole: new Set(all(/["'`]([a-z_]+(?:\.\w+)+)["'`]/g)), beginnings: all(/`([a-z_]+\.(?:\w+\.)*)\$\{/g) };
}

export function onlyUsed(catalogue: Record<string, string>, { whole, beginnings }: NamedKeys): Record<string, string> {
  const isUsed = (key: string) =>
    whole.has(key.replace(PLURAL, "")) || whole.has(key) || beginnings.some((beginning) => key.startsWith(beginning));
  return Object.fromEntries(Object.entries(catalogue).filter(([key]) => isUsed(key)));
}

function partOf(texts: Record<string, string>, late: boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).filter(([key]) => LATE.test(key) === late));
}

function namesLate(code: string): boolean {
  const { whole, beginnings } = namedKeys([code]);
  return [...whole, ...beginnings].some((key) => LATE.test(key));
}

/** The modules that are loaded with a chunk. */
function modulesOf(
  chunk: Rolldown.OutputChunk,
  bundle: Rolldown.OutputBundle,
  seen = new Set<Rolldown.OutputChunk>(),
): string[] {
  if (seen.has(chunk)) return [];
  seen.add(chunk);
  const imported = chunk.imports.flatMap((file) => {
    const other = bundle[file];
    return other?.type === "chunk" ? modulesOf(other, bundle, seen) : [];
  });
  return [...Object.keys(chunk.modules), ...imported];
}
