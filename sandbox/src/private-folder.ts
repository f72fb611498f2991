/** Folders readable by this account only, inside a data folder that other accounts may enter. */
import fs from "node:fs";
import path from "node:path";

/**
 * Creates the folder for its owner alone. The data folder around it may be entered by others: started by root,
 * PostgreSQL runs under an account of its own. Whichever program runs first creates that folder.
 */
export function makePrivateFolder(folder: string): void {
  fs.mkdirSync(path.dirname(folder), { recursive: true, mode: 0o755 });
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
}
