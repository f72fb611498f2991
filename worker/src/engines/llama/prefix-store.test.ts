import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LlamaContextSequence, Token } from "node-llama-cpp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dropOldModels, PrefixStore } from "./prefix-store.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "starai-prefixes-"))));
afterEach(() => rm(folder, { recursive: true }));

const clearHistory = async () => {};

/** A sequence whose state is a text file; records what was loaded. llama-engine.test.ts tests the real engine's. */
function sequence(says: { writes?: number } = {}) {
  const loaded: string[] = [];
  const saveStateToFile = async (path: string) => {
    await writeFile(path, "the state");
    return { fileSize: says.writes ?? 9 };
  };
  const loadStateFromFile = async (path: string) => void loaded.push(await readFile(path, "utf8"));
  return { loaded, as: { saveStateToFile, loadStateFromFile, clearHistory } as unknown as LlamaContextSequence };
}

const tokens = [1, 2, 3] as Token[];
const files = async () => (await readdir(folder)).map((file) => file.split(".")[1] ?? "").toSorted();

test("the next process loads a stored state; a process with another state kind does not", async () => {
  const { loaded, as } = sequence();
  await (await PrefixStore.open(folder, "engine 1")).save(as, tokens);
  expect(await (await PrefixStore.open(folder, "engine 1")).recall(as, tokens)).toBe(true);
  expect(await (await PrefixStore.open(folder, "engine 1")).recall(as, [4 as Token])).toBe(false);
  expect(await (await PrefixStore.open(folder, "engine 2")).recall(as, tokens)).toBe(false);
  expect(loaded).toEqual(["the state"]);
  // Everything in the folder was of the wrong kind, so it was deleted.
  expect(await files()).toEqual([]);
});

test.each<[string, (path: { state: string; note: string }) => Promise<void>]>([
  ["with other bytes", async ({ state }) => await writeFile(state, "th3 state")],
  ["that is gone", async ({ state }) => await rm(state)],
  ["without its note", async ({ note }) => await rm(note)],
  ["whose note is no JSON", async ({ note }) => await writeFile(note, "{")],
  [
    "whose note is of another text",
    async ({ note }) => await writeFile(note, (await readFile(note, "utf8")).replace("[1,2,3]", "[1,2,4]")),
  ],
])("a state %s is never loaded, and nothing of it stays", async (_how, spoil) => {
  const { loaded, as } = sequence();
  await (await PrefixStore.open(folder, "engine")).save(as, tokens);
  const names = await readdir(folder);
  const path = (ending: string) => join(folder, names.find((name) => name.endsWith(ending)) ?? "");
  await spoil({ state: path(".state"), note: path(".json") });
  expect(await (await PrefixStore.open(folder, "engine")).recall(as, tokens)).toBe(false);
  expect(loaded).toEqual([]);
  expect(await files()).toEqual([]);
});

test("a partly written state is not kept", async () => {
  const store = await PrefixStore.open(folder, "engine");
  await expect(store.save(sequence({ writes: 10 }).as, tokens)).rejects.toThrow(/only in part/);
  expect(await files()).toEqual([]);
});

test("only the four most recently used states are kept", async () => {
  const store = await PrefixStore.open(folder, "engine");
  for (let first = 0; first < 7; first++) await store.save(sequence().as, [first as Token]);
  expect(await files()).toEqual([...Array<string>(4).fill("json"), ...Array<string>(4).fill("state")]);
});

test("only the eight most recently served models keep their prefixes", async () => {
  for (let model = 0; model < 10; model++) {
    await mkdir(join(folder, `m${model}`));
    await utimes(join(folder, `m${model}`), 1_000 + model, 1_000 + model);
  }
  await dropOldModels(folder);
  expect((await readdir(folder)).toSorted()).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((model) => `m${model}`));
  await expect(dropOldModels(join(folder, "not there"))).resolves.toBeUndefined();
});
