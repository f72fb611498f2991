import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

const home = { HOME: "/home/anna" };

test("without settings a worker joins the pool on this machine with the default model", () => {
  expect(readConfig(home)).toMatchObject({
    poolUrl: "ws://127.0.0.1:8080/pool",
    home: "/home/anna/.local/share/starai/worker",
    engines: [{ kind: "llama", model: null }],
    threads: null,
    askPercent: 100,
  });
});

test("a worker's price is between half and three times the list's, in twentieths", () => {
  expect(readConfig({ ...home, STARAI_ASK: "85" }).askPercent).toBe(85);
  for (const STARAI_ASK of ["45", "305", "101", "99.5", "cheap"])
    expect(() => readConfig({ ...home, STARAI_ASK })).toThrow(
      /STARAI_ASK: percent of the pool's list prices: 50 to 300/,
    );
});

test("the built-in engine runs model files unless the owner chose llama-server, and nothing else can be chosen", () => {
  expect(readConfig(home)).toMatchObject({ engine: "faster", llamaCppFolder: null });
  const set = { ...home, STARAI_ENGINE: "llama-server", STARAI_LLAMA_CPP: "/opt/llama" };
  expect(readConfig(set)).toMatchObject({ engine: "llama-server", llamaCppFolder: "/opt/llama" });
  expect(readConfig(set, { engine: "built-in" }).engine).toBe("built-in");
  expect(() => readConfig({ ...home, STARAI_ENGINE: "vllm" })).toThrow(/STARAI_ENGINE: built-in or llama-server/);
  expect(() => readConfig(home, { engine: "vllm" })).toThrow('--engine "vllm" is not built-in or llama-server');
});

test("a machine holds layers for its owner's groups only, unless its owner said otherwise in known words", () => {
  expect(readConfig(home)).toMatchObject({ split: "own", ownerCode: null, memoryBytesMax: null });
  expect(readConfig({ ...home, STARAI_SPLIT: "pool" }).split).toBe("pool");
  expect(readConfig({ ...home, STARAI_SPLIT: "pool" }, { split: "off" }).split).toBe("off");
  expect(() => readConfig({ ...home, STARAI_SPLIT: "all" })).toThrow(/STARAI_SPLIT: own, pool or off/);
  expect(() => readConfig(home, { split: "all" })).toThrow('--split "all" is not own, pool or off');
});

test("the memory for models is an amount with its unit, and no bare or odd number", () => {
  expect(readConfig({ ...home, STARAI_MEMORY: "700MB" }).memoryBytesMax).toBe(700e6);
  expect(readConfig({ ...home, STARAI_MEMORY: "700MB" }, { memory: "1.5 gb" }).memoryBytesMax).toBe(1.5e9);
  expect(readConfig(home, { memory: "2GiB" }).memoryBytesMax).toBe(2 * 2 ** 30);
  for (const memory of ["700", "0MB", "-1GB", "lots", "1e9GB", "1GB 2"])
    expect(() => readConfig(home, { memory })).toThrow(
      `--memory "${memory}" is not an amount of memory, such as 700MB`,
    );
  expect(() => readConfig({ ...home, STARAI_MEMORY: "700" })).toThrow(/STARAI_MEMORY: an amount of memory/);
});

test("what the command line says counts before the environment, and an option without a value does not", () => {
  const set = { ...home, STARAI_WORKER_HOME: "/a", STARAI_MODEL: "smollm2-135m", STARAI_OWNER_CODE: "one" };
  const options = { home: "/b", model: "qwen2.5-coder-0.5b", "owner-code": "two" };
  expect(readConfig(set, options)).toMatchObject({
    home: "/b",
    engines: [{ kind: "llama", model: "qwen2.5-coder-0.5b" }],
    ownerCode: "two",
  });
  expect(() => readConfig(set, { home: "" })).toThrow('--home "" is not a value');
  expect(() => readConfig(set, { "owner-code": "x".repeat(200) })).toThrow(/is not a code that its owner made/);
});

test("an empty setting counts as unset", () => {
  expect(readConfig({ ...home, STARAI_THREADS: "", STARAI_POOL_URL: "", STARAI_MODEL: "" }).threads).toBeNull();
});

test("several models and an engine behind a URL can be served together", () => {
  const { engines } = readConfig({
    ...home,
    STARAI_MODEL: "smollm2-135m, /models/mine.gguf",
    STARAI_ENGINE_URL: "http://127.0.0.1:8000/v1",
    STARAI_ENGINE_MODEL: "qwen2.5-coder-1.5b=Qwen/Qwen2.5=x",
  });
  expect(engines).toEqual([
    {
      kind: "openai",
      url: "http://127.0.0.1:8000/v1",
      key: null,
      model: "qwen2.5-coder-1.5b",
      engineModel: "Qwen/Qwen2.5=x",
    },
    { kind: "llama", model: "smollm2-135m" },
    { kind: "llama", model: "/models/mine.gguf" },
  ]);
});

test("a comma inside a path to a model file belongs to the path", () => {
  const { engines } = readConfig({ ...home, STARAI_MODEL: "/my, models/a,b.gguf,smollm2-135m, C:\\m\\c.GGUF" });
  expect(engines.map((engine) => engine.kind === "llama" && engine.model)).toEqual([
    "/my, models/a,b.gguf",
    "smollm2-135m",
    "C:\\m\\c.GGUF",
  ]);
});

test("the worker's data folder is inside STARAI_HOME unless it is set itself", () => {
  expect(readConfig({ ...home, STARAI_HOME: "/data" }).home).toBe("/data/worker");
  expect(readConfig({ ...home, STARAI_HOME: "/data", STARAI_WORKER_HOME: "/w" }).home).toBe("/w");
});

test("all faults are reported at once, each with the name of its setting", () => {
  const wrong = {
    STARAI_POOL_URL: "ftp://pool.example",
    STARAI_THREADS: "many",
    STARAI_LOG_LEVEL: "loud",
    STARAI_ENGINE_URL: "http://127.0.0.1:1",
  };
  expect(() => readConfig({ ...home, ...wrong })).toThrow(
    /STARAI_POOL_URL[\s\S]*STARAI_THREADS[\s\S]*STARAI_LOG_LEVEL/,
  );
  expect(() => readConfig({ ...home, STARAI_ENGINE_URL: "http://127.0.0.1:1" })).toThrow(/STARAI_ENGINE_MODEL: needed/);
});
