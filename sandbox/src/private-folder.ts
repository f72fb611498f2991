/** Folders for this account's eyes only, in a data folder that others enter. */
import fs from "node:fs";
import path from "node:path";

/**
 * Makes the folder for its owner alone. The data folder around it stays open to enter: started by root, PostgreSQL runs
 * under an account of its own, and whichever program comes first makes that folder.
 */
export function makePrivateFolder(folder: string): void {
  fs.mkdirSync(path.dirname(folder), { recursive: true, mode: 0o755 });
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
}
