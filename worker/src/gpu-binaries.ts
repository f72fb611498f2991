/**
 * CUDA binaries of the engine. A fresh checkout does not install them (they are 540 MB and most machines have no
 * such card); if there is an NVIDIA card, they are fetched by name and put where node-llama-cpp looks.
 *
 * Not tried on a machine with an NVIDIA card yet.
 */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Machine } from "./machine.ts";
import { ownCommand } from "./own-command.ts";

const run = promisify(execFile);
const FETCH_MAX_MS = 30 * 60_000;
const VERSION = "3.21.1";

/** The packages with CUDA binaries for this platform; empty if node-llama-cpp has none. */
export function cudaPackages(platform: string = process.platform, arch: string = process.arch): string[] {
  if (arch !== "x64") return [];
  if (platform === "linux") return ["linux-x64-cuda", "linux-x64-cuda-ext"];
  if (platform === "win32") return ["win-x64-cuda", "win-x64-cuda-ext"];
  return [];
}

/** Advice for the owner of an NVIDIA card; `null` if there is none. */
export function cudaState(machine: Pick<Machine, "gpus">): string | null {
  if (!machine.gpus.some((gpu) => gpu.kind === "cuda")) return null;
  if (cudaPackages().length === 0) return "node-llama-cpp has no CUDA binaries for this platform: the CPU is used";
  if (cudaPackages().every(isInstalled)) return null;
  return `the engine's CUDA binaries are missing, so the CPU is used: ${ownCommand("gpu")} fetches them (540 MB)`;
}

export function hasCudaBinaries(): boolean {
  const packages = cudaPackages();
  return packages.length > 0 && packages.every(isInstalled);
}

/** Where npm keeps the packages beside node-llama-cpp. */
function scopeFolder(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(dirname(dirname(realpathSync(require.resolve("node-llama-cpp"))))), "@node-llama-cpp");
}

/** The checkout has an empty stand-in under the same name; the real package has a `bins` folder. */
function isInstalled(name: string): boolean {
  const bins = join(scopeFolder(), name, "bins");
  return existsSync(bins) && readdirSync(bins).length > 0;
}

/**
 * Fetches and unpacks the packages that are missing, with npm and tar.
 * @throws Error when npm cannot fetch them or the folder cannot be written.
 */
export async function installCudaBinaries(report: (text: string) => void): Promise<void> {
  const packages = cudaPackages();
  if (packages.length === 0) throw new Error("node-llama-cpp has no CUDA binaries for this platform");
  for (const name of packages.filter((name) => !isInstalled(name))) {
    report(`fetching @node-llama-cpp/${name} ${VERSION}`);
    await installPackage(name);
  }
}

async function installPackage(name: string): Promise<void> {
  // Next to its destination, so that the rename stays on one disk.
  const folder = await mkdtemp(join(scopeFolder(), ".fetching-"));
  try {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    const options = { timeout: FETCH_MAX_MS, shell: process.platform === "win32" };
    await run(npm, ["pack", `@node-llama-cpp/${name}@${VERSION}`, "--pack-destination", folder, "--silent"], options);
    const archive = (await readdir(folder)).find((file) => file.endsWith(".tgz"));
    if (!archive) throw new Error(`npm fetched no archive of @node-llama-cpp/${name}`);
    await run("tar", ["-xzf", archive], { cwd: folder, timeout: FETCH_MAX_MS });
    const place = join(scopeFolder(), name);
    // The stand-in may be a link into the checkout; only the link is removed.
    await rm(place, { recursive: true, force: true });
    await mkdir(place, { recursive: true });
    await cp(join(folder, "package"), place, { recursive: true });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
