/** How a model file's weights lie, exactly, from its header: what the catalogue gives by averages. */
import type { ModelShape } from "@starai/protocol/catalogue";
import { z } from "zod";

export interface FileShape {
  shape: ModelShape;
  /** Of each layer. */
  bytesOfLayers: readonly number[];
  /** Of the weights that llama.cpp copies into an order of its own on x86-64 processors with AVX2. */
  repackedBytes: number;
}

const Header = z.object({ general: z.object({ architecture: z.string() }) });
const Network = z.object({
  block_count: z.int().positive(),
  embedding_length: z.int().positive(),
  // A list where layers differ.
  feed_forward_length: z.int().positive(),
  expert_count: z.int().nonnegative().optional(),
});

interface Tensor {
  name: string;
  dimensions: readonly number[];
  type: number;
  bytes: number;
}

/** Values in a block and bytes of one, by GGUF's number for the type. */
const TYPES: Readonly<Record<number, readonly [values: number, bytes: number]>> = {
  0: [1, 4],
  1: [1, 2],
  2: [32, 18],
  3: [32, 20],
  6: [32, 22],
  7: [32, 24],
  8: [32, 34],
  10: [256, 84],
  11: [256, 110],
  12: [256, 144],
  13: [256, 176],
  14: [256, 210],
  20: [32, 18],
  23: [256, 136],
  30: [1, 2],
};
/** Q4_0, Q4_K and IQ4_NL, where the rows come in eights. */
const REPACKED_TYPES: ReadonlySet<number> = new Set([2, 12, 20]);
const REPACKED_ROWS = 8;
/** Each tensor begins at a multiple of this. */
const ALIGNMENT = 32;

/** Null where the model has none: of layers that differ, of experts, of a type not known here, or in several files. */
export async function readShape(path: string): Promise<FileShape | null> {
  // Imported only here: it takes half a second, and a start with a model of the catalogue does without.
  const { readGgufFileInfo } = await import("node-llama-cpp");
  const info = await readGgufFileInfo(path, {
    readTensorInfo: true,
    logWarnings: false,
    spliceSplitFiles: false,
  });
  const header = Header.safeParse(info.metadata);
  const architecture = header.data?.general.architecture ?? "";
  const network = Network.safeParse((info.metadata as unknown as Record<string, unknown>)[architecture]);
  const tensors = (info.fullTensorInfo ?? []).map(({ name, dimensions, ggmlType }) =>
    tensorOf(name, dimensions.map(Number), ggmlType),
  );
  if (!network.success || (network.data.expert_count ?? 0) > 0) return null;
  const known = tensors.filter((tensor) => tensor !== null);
  return known.length === tensors.length ? shapeOf(network.data, known) : null;
}

function tensorOf(name: string, dimensions: readonly number[], type: number): Tensor | null {
  const [values, bytes] = TYPES[type] ?? [0, 0];
  if (values === 0) return null;
  const all = dimensions.reduce((product, size) => product * size, 1);
  return { name, dimensions, type, bytes: Math.ceil(((all / values) * bytes) / ALIGNMENT) * ALIGNMENT };
}

function shapeOf(network: z.infer<typeof Network>, tensors: readonly Tensor[]): FileShape | null {
  const bytesOfLayers = Array.from({ length: network.block_count }, (_, layer) =>
    sum(tensors.filter(({ name }) => name.startsWith(`blk.${layer}.`))),
  );
  const named = (name: string) => tensors.find((tensor) => tensor.name === name);
  const [embedding, output] = [named("token_embd.weight"), named("output.weight")];
  const vocabularyTokens = embedding?.dimensions[1];
  if (!embedding || !vocabularyTokens || bytesOfLayers.includes(0)) return null;
  const shape = {
    layers: network.block_count,
    embeddingLength: network.embedding_length,
    feedForwardLength: network.feed_forward_length,
    vocabularyTokens,
    layerBytes: bytesOfLayers.reduce((all, bytes) => all + bytes, 0),
    outputBytes: (output ?? embedding).bytes,
    ...(output ? { embeddingBytes: embedding.bytes } : {}),
  };
  return {
    shape,
    bytesOfLayers,
    repackedBytes: sum(tensors.filter((tensor) => tensor !== embedding && isRepacked(tensor))),
  };
}

function isRepacked({ type, dimensions }: Tensor): boolean {
  const rows = dimensions[1] ?? 1;
  return REPACKED_TYPES.has(type) && dimensions.length === 2 && rows % REPACKED_ROWS === 0;
}

const sum = (tensors: readonly Tensor[]) => tensors.reduce((all, { bytes }) => all + bytes, 0);
