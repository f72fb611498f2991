/** Builds of llama.cpp that do not work here, and the choice between its server and the built-in engine; played by scripts. */
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { pullEngine } from "../../commands/pull-engine.ts";
import { MemoryShare } from "../../limits/memory-share.ts";
import { catalogued, openEngine } from "../../open-engines.ts";
import { silent } from "../../testing/worker-home.ts";
import { ENGINE_NAME } from "../llama/engine-name.ts";
import { neededBytes, needsOf } from "../llama/fit.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "starai-open-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Opens the plumbing model with a server that is this script. */
async function openWith(script: string, over: Over = {}) {
  const { memory = new MemoryShare(null), faster = false, model = PLUMBING_MODEL, ...folders } = over;
  await writeFile(join(folder, "llama-server"), `#!/bin/sh\necho "$@" >> ${folder}/starts\n${script}\n`);
  await chmod(join(folder, "llama-server"), 0o755);
  const config = {
    poolUrl: "ws://127.0.0.1:1/pool",
    home: join(folder, "home"),
    modelsFolder: modelsFolder(process.env, homedir()),
    name: null,
    engines: [],
    engine: faster ? "faster" : "llama-server",
    llamaCppFolder: folder,
    threads: 1,
    logLevel: "silent",
    ...folders,
  } as const;
  const options = { logger: silent, onStatus: () => {}, memory, signal: new AbortController().signal };
  const opened = await openEngine({ kind: "llama", model }, config, options);
  onTestFinished(async () => await opened.close());
  return opened.served;
}

interface Over {
  memory?: MemoryShare;
  /** The engine is not named: the faster one serves. */
  faster?: boolean;
  model?: string;
  modelsFolder?: string;
  llamaCppFolder?: string | null;
}

/** A server that works, and may die with a cache of some type. */
function played(...words: string[]): string {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const program = fileURLToPath(new URL("../../testing/played-llama-server.ts", import.meta.url));
  return `exec ${process.execPath} --import ${tsx} ${program} "$@" ${words.join(" ")}`;
}

const startsFile = () => join(folder, "starts");
const starts = async () => (await readFile(startsFile(), "utf8").catch(() => "")).split("\n").filter(Boolean);
const cachesTried = async () => (await starts()).map((args) => /--cache-type-k (\w+)/.exec(args)?.[1]);

/** Room for a full context of every slot with a quantised cache, not with an f16 one. */
class LittleMemory extends MemoryShare {
  override left() {
    const plan = { contextTokens: 8_192, slots: 4, kvType: "q8_0" } as const;
    return {
      card: 0,
      main: neededBytes({ ...needsOf(catalogued(PLUMBING_MODEL)), engine: "llama-server" }, plan),
    };
  }
}

describe.skipIf(process.platform === "win32")("a build that does not work here", () => {
  test("is not offered when this processor lacks an instruction of its code, and that is said", async () => {
    await expect(openWith("kill -ILL $$")).rejects.toThrow(/f16 cache: this processor lacks an instruction/);
    expect(await starts()).toHaveLength(1);
  });

  test("is tried with an f16 cache when a quantised one does not work", async () => {
    const script = 'case "$*" in *q8_0*) kill -ILL $$;; *) echo "this one has no model" >&2; exit 3;; esac';
    await expect(openWith(script, { memory: new LittleMemory(null) })).rejects.toThrow(
      /f16 cache: .*this one has no model/,
    );
    expect(await cachesTried()).toEqual(["q8_0", "f16"]);
  });

  test("that says it has no memory fails as such", async () => {
    const fault = await openWith('echo "failed to allocate buffer" >&2; exit 1').catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: "out_of_memory" });
  });
});

describe.skipIf(process.platform === "win32")("a cache with which a build died", () => {
  const memory = new LittleMemory(null);

  test("is not tried again at the next start", async () => {
    const script = played("--dies-with q8_0");
    expect(await openWith(script, { memory })).toMatchObject({ kvType: "f16", contextTokens: 8_192, slots: 2 });
    await rm(startsFile());
    expect(await openWith(script, { memory })).toMatchObject({ kvType: "f16" });
    expect(new Set(await cachesTried())).toEqual(new Set(["f16"]));
  });

  test("is tried by another build", async () => {
    await openWith(played("--dies-with q8_0"), { memory });
    await rm(startsFile());
    await rm(join(folder, "home", "llama-cpp.json"));
    expect(await openWith(`${played()} # another`, { memory })).toMatchObject({ kvType: "q8_0" });
    expect(new Set(await cachesTried())).toEqual(new Set(["q8_0"]));
  });
});

describe.skipIf(process.platform === "win32")("without a named engine", () => {
  const faster = true;

  test("both are tried once, and the one serves that wrote more in all, with as many slots as brought something", async () => {
    await openWith(played(), { faster });
    const path = join(folder, "home", "trials.json");
    const Trials = z.record(z.string(), z.looseObject({ rates: z.array(z.object({ streams: z.int() })).min(1) }));
    const trials = Trials.parse(JSON.parse(await readFile(path, "utf8")));
    expect(Object.keys(trials)).toHaveLength(2);

    /** The next start, as if these had been measured for one, two, four and eight streams. */
    const startAfter = async (measured: { server: number[]; builtIn: number[] }) => {
      for (const [key, trial] of Object.entries(trials)) {
        const rates = key.includes("llama-server") ? measured.server : measured.builtIn;
        Object.assign(trial, {
          busy: false,
          rates: rates.map((rate, at) => ({ streams: 2 ** at, tokensPerS: [rate] })),
        });
      }
      await writeFile(path, JSON.stringify(trials));
      await rm(startsFile());
      return await openWith(played(), { faster });
    };
    const served = await startAfter({ server: [20, 35, 50, 60], builtIn: [20, 22, 22] });
    expect(served).toMatchObject({ slots: 8, contextTokens: 8_192 });
    expect(served.engine).toContain("llama-server");
    expect(await startAfter({ server: [10, 15, 15], builtIn: [20, 22, 22] })).toMatchObject({ engine: ENGINE_NAME });
    expect(await starts()).toEqual([]);
  });

  test("the server serves where only that has enough memory", async () => {
    class ServerOnly extends MemoryShare {
      override left() {
        const setUp = { contextTokens: 2_048, slots: 1, kvType: "q8_0" } as const;
        const needs = { ...needsOf(catalogued(PLUMBING_MODEL)), engine: "llama-server" } as const;
        return { card: 0, main: neededBytes(needs, setUp) };
      }
    }
    const served = await openWith(played(), { faster, memory: new ServerOnly(null) });
    expect(served.engine).toContain("llama-server");
    expect(served).toMatchObject({ contextTokens: 2_048, slots: 1, kvType: "q8_0" });
  });

  test("where no server was fetched, the built-in engine serves, and none is fetched", async () => {
    const path = join(modelsFolder(process.env, homedir()), catalogued(PLUMBING_MODEL).file);
    const empty = await mkdtemp(join(folder, "models-"));
    const served = await openWith("exit 1", { faster, model: path, modelsFolder: empty, llamaCppFolder: null });
    expect(served.engine).toBe(ENGINE_NAME);
    expect(await starts()).toEqual([]);
    expect(await readdir(empty)).toEqual([]);
  });

  test("a server that cannot run here leaves the built-in engine, and is not started again", async () => {
    expect(await openWith("kill -ILL $$", { faster })).toMatchObject({ engine: ENGINE_NAME, slots: 2 });
    await rm(startsFile());
    expect(await openWith("kill -ILL $$", { faster })).toMatchObject({ engine: ENGINE_NAME });
    expect(await starts()).toEqual([]);
  });
});

test("only an engine that is known can be fetched", async () => {
  const config = { home: folder, modelsFolder: folder, llamaCppFolder: folder } as never;
  await expect(pullEngine(["vllm"], config, { write: () => {} })).rejects.toThrow(/pull-engine llama.cpp/);
  await expect(pullEngine([], config, { write: () => {} })).rejects.toThrow(/pull-engine llama.cpp/);
});
