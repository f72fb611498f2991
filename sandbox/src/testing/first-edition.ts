/** The folder of a chain as the contracts' first edition left it, from before there were four contracts. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";

const KEPT = path.resolve(import.meta.dirname, "../../tests/kept/first-edition");

/** Writes it to `folder`: seven blocks, in which `personOf("ann")` staked ten coins and deposited three. */
export function writeFirstEdition(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of ["deployment.json", "roles.json"])
    writeFileSync(path.join(folder, name), readFileSync(path.join(KEPT, name)), { mode: 0o600 });
  writeFileSync(path.join(folder, "chain.log"), gunzipSync(readFileSync(path.join(KEPT, "chain.log.gz"))));
}
