/** A copy of the repository to put faults into: also what a test starts as a child or a thread runs the copy's files. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** The tracked and new files of `root` as they are now, and links to what is installed. */
export function copyTree(root: string): { folder: string } & Disposable {
  const folder = mkdtempSync(path.join(os.tmpdir(), "starai-mutants-"));
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root });
  for (const file of listed.toString().split("\n"))
    if (file && existsSync(path.join(root, file))) cpSync(path.join(root, file), path.join(folder, file));
  linkInstalled(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Our own workspaces are links up and over, and must lead into the copy. */
function linkInstalled(from: string, to: string): void {
  mkdirSync(path.join(to, "@starai"), { recursive: true });
  for (const name of readdirSync(from))
    if (name !== "@starai" && name !== ".vite") symlinkSync(path.join(from, name), path.join(to, name));
  for (const room of readdirSync(path.join(from, "@starai")))
    symlinkSync(path.join("../..", room), path.join(to, "@starai", room));
}
