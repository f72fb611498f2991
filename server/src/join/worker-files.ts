/** Which files of this checkout a contributor's machine is given: those that a worker is made of, and nothing else. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Every workspace's `package.json` is among them: npm takes the lock file only beside all that it names. */
const FILES_HANDED_OUT = [
  /^(LICENSE|package\.json|package-lock\.json)$/,
  /^[a-z]+\/package\.json$/,
  /^scripts\/(no-gpu\/package\.json|(run|install-dependencies|usage)\.mjs)$/,
  /^protocol\/((gbnf\/)?[\w-]+\.ts|(catalogue|locales\/[\w-]+)\.json)$/,
  /^contracts\/(artefacts\/\w+\.json|(chain-config|cli|offchain|scripts|wrappers)\/.+\.(ts|mjs))$/,
  /^worker\/src\/.+\.ts$/,
];
const TESTS = /\.test\.ts$|\/testing\//;
/** Names beginning with a dot (`.env`) are where secrets are; npm's folder is not ours to hand out. */
const NEVER = /(^|\/)(\.|node_modules\/)/;
/** The names of this checkout fill a twentieth. */
const LISTING_BYTES_MAX = 2 * 1024 * 1024;

export function isHandedOut(file: string): boolean {
  return FILES_HANDED_OUT.some((one) => one.test(file)) && !TESTS.test(file) && !NEVER.test(file);
}

/**
 * Their paths from the root with `/`, in one order everywhere. In a git checkout only tracked files are among them; a
 * copy without git is believed to hold no others under these names.
 * @throws when git cannot list the checkout: handing out what it does not track is no second best
 */
export async function workerFiles(root: string): Promise<string[]> {
  const files = existsSync(path.join(root, ".git")) ? await trackedFiles(root) : await allFiles(root);
  return files.filter(isHandedOut).sort();
}

async function trackedFiles(root: string): Promise<string[]> {
  const { stdout } = await run("git", ["-C", root, "ls-files", "-z"], { maxBuffer: LISTING_BYTES_MAX });
  return stdout.split("\0");
}

async function allFiles(root: string, folder = ""): Promise<string[]> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(({ name }) => !NEVER.test(`${name}/`))
      .map(async (entry) => {
        const file = path.posix.join(folder, entry.name);
        return entry.isDirectory() ? await allFiles(root, file) : [file];
      }),
  );
  return found.flat();
}
