/** Folders of chains as earlier versions left them. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";

const KEPT = path.resolve(import.meta.dirname, "../../tests/kept");

/** The contracts' first edition, from before there were four of them: seven blocks, in which `personOf("ann")` staked ten coins and deposited three. */
export const writeFirstEdition = (folder: string): void => writeKept("first-edition", folder);

/** The first one with contributors: two stakes (10 and 5 coins), one root, and a claim of it; its clock is four days ahead. */
export const writeContributors = (folder: string): void => writeKept("contributors", folder);

function writeKept(name: string, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const file of readdirSync(path.join(KEPT, name))) {
    const bytes = readFileSync(path.join(KEPT, name, file));
    const isPacked = file.endsWith(".gz");
    writeFileSync(path.join(folder, path.basename(file, ".gz")), isPacked ? gunzipSync(bytes) : bytes, { mode: 0o600 });
  }
}
