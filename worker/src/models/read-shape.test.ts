import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { stat } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { catalogued } from "../open-engines.ts";
import { gguf } from "../testing/gguf.ts";
import type { HeaderTensor } from "../testing/gguf.ts";
import { readShape } from "./read-shape.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "starai-shape-"))));
afterEach(async () => await rm(folder, { recursive: true }));

const models = await Promise.all(
  [...loadCatalogue().values()].map(async (model) => {
    const path = join(modelsFolder(process.env, homedir()), model.file);
    const file = await stat(path).catch(() => null);
    return { model, path, isHere: file?.size === model.bytes };
  }),
);

describe("the shape in the catalogue is that of the file", () => {
  const here = models.filter(({ isHere }) => isHere);
  test.each(here.map((each) => [each.model.id, each] as const))("%s", async (_id, { model, path }) => {
    const read = await readShape(path);
    expect({ ...read?.shape, ...(model.shape?.isDerived ? { isDerived: true } : {}) }).toEqual(model.shape);
    expect(read?.bytesOfLayers.reduce((sum, bytes) => sum + bytes, 0)).toBe(model.shape?.layerBytes);
  });

  test("at least the file that all tests use is here", () => {
    expect(here.length).toBeGreaterThan(0);
  });
});

const [F32, Q4_K, Q6_K, UNKNOWN] = [0, 12, 14, 99] as const;
const [EMBEDDING, INNER, QUERY, KEYS, WORDS, LAYERS] = [2_560, 9_728, 4_096, 1_024, 151_936, 36] as const;

/** Whether llama.cpp keeps more bits of a layer in a q4_k_m: in the first and the last eighth, and in every third between. */
function keepsMore(layer: number): boolean {
  const eighth = Math.floor(LAYERS / 8);
  return layer < eighth || layer >= Math.floor((7 * LAYERS) / 8) || (layer - eighth) % 3 === 2;
}

/** The tensors of Qwen3 4B as its publisher's config has them, in the usual mix. */
function qwen3(): HeaderTensor[] {
  const layers = Array.from({ length: LAYERS }, (_, layer) => {
    const tensor = (name: string, dimensions: number[], type: number) => ({
      name: `blk.${layer}.${name}.weight`,
      dimensions,
      type,
    });
    const mixed = keepsMore(layer) ? Q6_K : Q4_K;
    return [
      tensor("attn_norm", [EMBEDDING], F32),
      tensor("attn_q", [EMBEDDING, QUERY], Q4_K),
      tensor("attn_q_norm", [128], F32),
      tensor("attn_k", [EMBEDDING, KEYS], Q4_K),
      tensor("attn_k_norm", [128], F32),
      tensor("attn_v", [EMBEDDING, KEYS], mixed),
      tensor("attn_output", [QUERY, EMBEDDING], Q4_K),
      tensor("ffn_norm", [EMBEDDING], F32),
      tensor("ffn_gate", [EMBEDDING, INNER], Q4_K),
      tensor("ffn_up", [EMBEDDING, INNER], Q4_K),
      tensor("ffn_down", [INNER, EMBEDDING], mixed),
    ];
  });
  const ends = [
    { name: "token_embd.weight", dimensions: [EMBEDDING, WORDS], type: Q6_K },
    { name: "output_norm.weight", dimensions: [EMBEDDING], type: F32 },
  ];
  return [...layers.flat(), ...ends];
}

const NUMBERS = {
  "qwen3.block_count": LAYERS,
  "qwen3.embedding_length": EMBEDDING,
  "qwen3.feed_forward_length": INNER,
};

async function fileOf(tensors: readonly HeaderTensor[], numbers = {}): Promise<string> {
  const path = join(folder, "model.gguf");
  await writeFile(
    path,
    gguf({ strings: { "general.architecture": "qwen3" }, numbers: { ...NUMBERS, ...numbers }, tensors }),
  );
  return path;
}

test("a third architecture is read from its header alone, and has the shape that the catalogue derived", async () => {
  const read = await readShape(await fileOf(qwen3()));
  expect({ ...read?.shape, isDerived: true }).toEqual(catalogued("qwen3-4b-instruct-2507").shape);
});

test("derived shapes leave a file's header over, and no more", () => {
  const derived = [...loadCatalogue().values()].filter(({ shape }) => shape?.isDerived);
  expect(derived.map(({ id }) => id)).toHaveLength(3);
  for (const { bytes, shape } of derived) {
    if (!shape) continue;
    const header = bytes - shape.layerBytes - shape.outputBytes - (shape.embeddingBytes ?? 0);
    // The vocabulary of all three is about the same.
    expect(header).toBeGreaterThan(5.9e6);
    expect(header).toBeLessThan(6.0e6);
  }
});

test.each([
  ["a mixture of experts", qwen3(), { "qwen3.expert_count": 128 }],
  ["a type of weights that is not known", [...qwen3(), { name: "blk.0.x", dimensions: [32], type: UNKNOWN }], {}],
  ["a layer less than it says", qwen3().filter(({ name }) => !name.startsWith("blk.7.")), {}],
  ["no embedding", qwen3().filter(({ name }) => name !== "token_embd.weight"), {}],
])("%s has no shape", async (_what, tensors, numbers) => {
  expect(await readShape(await fileOf(tensors, numbers))).toBeNull();
});
