/** Bundles a module with its imports for a browser, minified by the Mini App's own bundler. */
import { createRequire } from "node:module";
import path from "node:path";

const MINIAPP = path.resolve(import.meta.dirname, "../../miniapp/package.json");

interface Built {
  output: { type: "chunk" | "asset"; code?: string }[];
}

/** The text of an ES module with the same exports as `file`. */
export async function bundleModule(file: string): Promise<string> {
  // The bundler is a dependency of the Mini App, so it is resolved from there.
  const vite = createRequire(MINIAPP).resolve("vite");
  const { build } = (await import(vite)) as { build: (config: object) => Promise<Built> };
  const { output } = await build({
    configFile: false,
    root: path.dirname(file),
    logLevel: "silent",
    build: {
      write: false,
      target: "es2022",
      rollupOptions: { input: file, preserveEntrySignatures: "strict", output: { codeSplitting: false } },
    },
  });
  const code = output.map((part) => part.code ?? "");
  if (code.length !== 1) throw new Error(`${file} was bundled into ${code.length} files instead of one`);
  return code[0]!;
}
