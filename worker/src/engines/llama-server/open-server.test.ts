/** `--engine llama-server` with builds that do not work here, played by scripts. */
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pullEngine } from "../../commands/pull-engine.ts";
import { MemoryShare } from "../../limits/memory-share.ts";
import { catalogued, openEngine } from "../../open-engines.ts";
import { silent } from "../../testing/worker-home.ts";
import { neededBytes, needsOf } from "../llama/fit.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "starai-open-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Opens the plumbing model with a server that is this script. */
async function openWith(script: string, memory = new MemoryShare(null)) {
  await writeFile(join(folder, "llama-server"), `#!/bin/sh\necho "$@" >> ${folder}/starts\n${script}\n`);
  await chmod(join(folder, "llama-server"), 0o755);
  const config = {
    poolUrl: "ws://127.0.0.1:1/pool",
    home: join(folder, "home"),
    modelsFolder: modelsFolder(process.env, homedir()),
    name: null,
    engines: [],
    engine: "llama-server",
    llamaCppFolder: folder,
    threads: 1,
    logLevel: "silent",
  } as const;
  const options = { logger: silent, onStatus: () => {}, memory, signal: new AbortController().signal };
  return await openEngine({ kind: "llama", model: PLUMBING_MODEL }, config, options);
}

const starts = async () => (await readFile(join(folder, "starts"), "utf8")).trim().split("\n");

/** Room for a full context of every slot with a quantised cache, not with an f16 one. */
class LittleMemory extends MemoryShare {
  override left() {
    const plan = { contextTokens: 8_192, slots: 4, kvType: "q8_0" } as const;
    return { card: 0, main: neededBytes({ ...needsOf(catalogued(PLUMBING_MODEL)), engine: "llama-server" }, plan) };
  }
}

describe.skipIf(process.platform === "win32")("a build that does not work here", () => {
  test("is not offered when this processor lacks an instruction of its code, and that is said", async () => {
    await expect(openWith("kill -ILL $$")).rejects.toThrow(/f16 cache: this processor lacks an instruction/);
    expect(await starts()).toHaveLength(1);
  });

  test("is tried with an f16 cache when a quantised one does not work", async () => {
    const script = 'case "$*" in *q8_0*) kill -ILL $$;; *) echo "this one has no model" >&2; exit 3;; esac';
    await expect(openWith(script, new LittleMemory(null))).rejects.toThrow(/f16 cache: .*this one has no model/);
    expect((await starts()).map((args) => /--cache-type-k (\w+)/.exec(args)?.[1])).toEqual(["q8_0", "f16"]);
  });

  test("that says it has no memory fails as such", async () => {
    const fault = await openWith('echo "failed to allocate buffer" >&2; exit 1').catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: "out_of_memory" });
  });
});

test("only an engine that is known can be fetched", async () => {
  const config = { home: folder, modelsFolder: folder, llamaCppFolder: folder } as never;
  await expect(pullEngine(["vllm"], config, { write: () => {} })).rejects.toThrow(/pull-engine llama.cpp/);
  await expect(pullEngine([], config, { write: () => {} })).rejects.toThrow(/pull-engine llama.cpp/);
});
