import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { runTolkCompiler } from "@ton/tolk-js";
import { codesModule } from "./codes.ts";

export const contractsDir = path.resolve(import.meta.dirname, "..");

/** The committed result of compiling one contract. `code` is a BoC in base64, `hash` its root's representation hash in hex. */
export interface Artefact {
  contract: string;
  tolk: string;
  hash: string;
  code: string;
}

/** Names of all contracts: each is `src/<kebab>/<Name>.tolk`. */
export function contractNames(): string[] {
  return readdirSync(path.join(contractsDir, "src"), { recursive: true, encoding: "utf8" })
    .map((file) => path.basename(file, ".tolk"))
    .filter((name) => /^[A-Z]/.test(name))
    .sort();
}

/** `RewardDistributor` → `reward-distributor`, its folder. */
export const kebab = (name: string): string => name.replace(/(?<!^)[A-Z]/g, "-$&").toLowerCase();

/** Compiles a contract. `edit` may change a source before that, as mutants do. @throws with the compiler's message. */
export async function compile(
  name: string,
  edit: (file: string, source: string) => string = (_, source) => source,
): Promise<Artefact> {
  const result = await runTolkCompiler({
    entrypointFileName: `src/${kebab(name)}/${name}.tolk`,
    fsReadCallback: (file) => edit(file, readFileSync(path.join(contractsDir, file), "utf8")),
  });
  if (result.status === "error") throw new Error(`${name} does not compile: ${result.message}`);
  return { contract: name, tolk: result.tolkVersion, hash: result.codeHashHex.toLowerCase(), code: result.codeBoc64 };
}

/** Every generated file: its path under `contracts/` and its expected content. */
export async function generated(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of contractNames()) {
    files.set(`artefacts/${name}.json`, `${JSON.stringify(await compile(name), null, 2)}\n`);
    files.set(`wrappers/${kebab(name)}-codes.ts`, codesModule({ name, ...sources(kebab(name)) }));
  }
  return files;
}

function sources(folder: string) {
  const read = (file: string) => readFileSync(path.join(contractsDir, "src", folder, `${file}.tolk`), "utf8");
  return { messages: read("messages"), errors: read("errors"), storage: read("storage"), fees: read("fees") };
}

if (process.argv[1] === import.meta.filename) {
  for (const [file, text] of await generated()) {
    const target = path.join(contractsDir, file);
    const same = existsSync(target) && readFileSync(target, "utf8") === text;
    if (!same) writeFileSync(target, text);
    console.log(`${same ? "same   " : "written"} contracts/${file}`);
  }
}
