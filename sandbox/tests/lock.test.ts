import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";

const Names = z.record(z.string(), z.string()).default({});
const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      link: z.boolean().optional(),
      resolved: z.string().optional(),
      os: z.array(z.string()).optional(),
      dependencies: Names,
      optionalDependencies: Names,
    }),
  ),
});
const { packages } = Lock.parse(
  JSON.parse(readFileSync(path.join(import.meta.dirname, "../../package-lock.json"), "utf8")),
);

/** Whether Node would find `name` from a package's folder: in the folder itself, then in each parent. */
function isFound(name: string, from: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    if (packages[path.posix.join(folder, "node_modules", name)]) return true;
    if (folder === "") return false;
    if (!folder.includes("/node_modules/")) return packages[`node_modules/${name}`] !== undefined;
  }
}

test("the lock has every dependency, also optional ones of other systems, so npm ci accepts it", () => {
  const wanted = Object.entries(packages).flatMap(([folder, { dependencies, optionalDependencies }]) =>
    [...Object.keys(dependencies), ...Object.keys(optionalDependencies)].map((name) => ({ folder, name })),
  );
  expect(wanted.length).toBeGreaterThan(1_000);
  expect(wanted.filter(({ folder, name }) => !isFound(name, folder))).toEqual([]);
});

test("the engine's binaries are there for Linux, macOS and Windows, all of one version", () => {
  const engine = packages["node_modules/node-llama-cpp"]?.version;
  for (const name of ["linux-x64", "linux-arm64", "mac-x64", "mac-arm64-metal", "win-x64", "win-arm64"])
    expect([name, packages[`node_modules/@node-llama-cpp/${name}`]?.version]).toEqual([name, engine]);
});

test("no entry names a host, and each from a registry has its integrity hash", () => {
  const entries = Object.entries(packages);
  expect(entries.filter(([, { resolved }]) => /^https?:/.test(resolved ?? ""))).toEqual([]);
  const fetched = entries.filter(([folder, { link, version }]) => folder.includes("node_modules/") && !link && version);
  expect(fetched.length).toBeGreaterThan(500);
  expect(fetched.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
});
