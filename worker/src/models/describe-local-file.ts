/** Builds a catalogue entry for a user's own model file from the file's header. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { CatalogueModel } from "@starai/protocol/catalogue";
import type { TemplateName } from "@starai/protocol/template";
import { z } from "zod";
import { readShape } from "./read-shape.ts";
import { sizeOf } from "./hub-source.ts";
import { sha256OfFiles } from "./verify.ts";

/** The parts of a GGUF header needed here; the architecture's own block has the shape of the network. */
const Header = z.object({
  general: z.object({
    architecture: z.string(),
    name: z.string().optional(),
    license: z.string().optional(),
    parameter_count: z.coerce.number().optional(),
  }),
  tokenizer: z.object({ chat_template: z.string().optional() }),
});
const Network = z.object({
  block_count: z.number().int().positive(),
  context_length: z.number().int().positive(),
  embedding_length: z.number().int().positive(),
  attention: z.object({
    head_count: z.union([z.number(), z.array(z.number())]),
    head_count_kv: z.union([z.number(), z.array(z.number())]).optional(),
    key_length: z.number().optional(),
    value_length: z.number().optional(),
  }),
});

/** Bytes per weight in the usual 4-bit files, to estimate the parameter count if the file does not state it. */
const BYTES_PER_PARAMETER = 0.6;
const F16_BYTES = 2;
/** Values in a block of a quantised cache: it cannot hold heads that are no multiple of it. */
const Q8_VALUES = 32;
/** File endings dropped from the model's name; only the content decides whether it is a model. */
const ENDING = /\.(gguf|bin)$/i;
/** File names that llama.cpp gives to the parts of a split model. */
const SPLIT = /^(.*)-(\d{5})-of-(\d{5})(\.gguf)$/is;
/** Most parts of a split model; the largest models have some dozens. */
const PARTS_MAX = 200;
/** Cautious settings for a model that is not in the catalogue. */
const UNTRIED_TIER = { examples: 8, thoughtCharsMax: 90, toolsMax: 6 };

/**
 * @param path an existing .gguf file
 * @throws Error when there is no such file, it is not a GGUF, or StarAI does not support its chat template.
 */
export async function describeLocalFile(path: string): Promise<CatalogueModel> {
  const parts = await partsOf(path);
  const size = (await Promise.all(parts.map(sizeOf))).reduce((sum, bytes) => sum + bytes, 0);
  // Imported only here: it takes half a second, and a start with a model of the catalogue does without.
  const { readGgufFileInfo } = await import("node-llama-cpp");
  const info = await readGgufFileInfo(path, { readTensorInfo: false, logWarnings: false }).catch((error: unknown) => {
    throw new Error(`${path} is not a GGUF model file, or its beginning is damaged`, { cause: error });
  });
  const { header, network } = readHeader(info.metadata, path);
  const shape = (await readShape(path).catch(() => null))?.shape;
  const name = header.general.name ?? basename(path).replace(ENDING, "");
  return CatalogueModel.parse({
    id: idOf(path),
    name,
    file: `${idOf(path)}.gguf`,
    bytes: size,
    sha256: await sha256OfFiles(parts),
    licence: header.general.license ?? "unknown",
    parameters: Math.round(header.general.parameter_count ?? size / BYTES_PER_PARAMETER),
    contextTokens: network.context_length,
    kvBytesPerToken: kvBytesPerToken(network),
    ...(shape ? { shape } : {}),
    kvTypes: headSizesOf(network).every((size) => size % Q8_VALUES === 0) ? ["f16", "q8_0"] : ["f16"],
    template: templateOf(header.tokenizer.chat_template ?? "", path),
    languages: ["en"],
    tier: UNTRIED_TIER,
    tried: false,
    sources: [],
  });
}

/** The files of a model: one, or all parts of a split one; llama.cpp must be given the first part. */
async function partsOf(path: string): Promise<string[]> {
  await mustBeThere(path, `there is no model file at ${path}: check STARAI_MODEL`);
  const split = SPLIT.exec(path);
  if (!split) return [path];
  const [, before = "", number = "", total = "", ending = ""] = split;
  const count = Number(total);
  if (count < 1 || count > PARTS_MAX)
    throw new Error(`${path} claims to be one of ${total} parts: at most ${PARTS_MAX} are supported`);
  const parts = Array.from(
    { length: count },
    (_, at) => `${before}-${String(at + 1).padStart(5, "0")}-of-${total}${ending}`,
  );
  if (Number(number) !== 1) throw new Error(`${path} is a part of a split model: name its first part, ${parts[0]}`);
  for (const part of parts)
    await mustBeThere(part, `a part of the split model is missing: put ${part} beside the first`);
  return parts;
}

async function mustBeThere(path: string, otherwise: string): Promise<void> {
  const file = await stat(path).catch((error: unknown) => {
    throw new Error(otherwise, { cause: error });
  });
  if (!file.isFile()) throw new Error(`${path} is not a file: name the model's .gguf file itself`);
}

function readHeader(metadata: unknown, path: string) {
  const header = Header.safeParse(metadata);
  const architecture = header.data?.general.architecture ?? "";
  const network = Network.safeParse((metadata as Record<string, unknown>)[architecture]);
  if (header.success && network.success) return { header: header.data, network: network.data };
  throw new Error(`${path} is a GGUF file without a language model's header: choose an instruct model`);
}

/** Turns a file's name into a model id: lower case, only characters that catalogue ids may contain. */
function idOf(path: string): string {
  const id = basename(path)
    .replace(ENDING, "")
    .toLowerCase()
    .replace(/[^a-z0-9.:_-]+/g, "-")
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "")
    .slice(0, 120);
  return id || "local-model";
}

/** 2 (keys and values) × layers × kv heads × head size × bytes of an f16; per-layer head counts are added up. */
function kvBytesPerToken(network: z.infer<typeof Network>): number {
  const { attention, block_count } = network;
  const kvHeads = attention.head_count_kv ?? attention.head_count;
  const kvHeadsInAll = Array.isArray(kvHeads) ? kvHeads.reduce((sum, n) => sum + n, 0) : kvHeads * block_count;
  const [keys, values] = headSizesOf(network);
  return Math.ceil(kvHeadsInAll * (keys + values) * F16_BYTES);
}

function headSizesOf({ attention, embedding_length }: z.infer<typeof Network>): [keys: number, values: number] {
  const heads = attention.head_count;
  const headSize = embedding_length / (Array.isArray(heads) ? Math.max(...heads) : heads);
  return [attention.key_length ?? headSize, attention.value_length ?? headSize];
}

function templateOf(chatTemplate: string, path: string): TemplateName {
  if (chatTemplate.includes("<|im_start|>")) return "chatml";
  if (chatTemplate.includes("<|start_header_id|>")) return "llama3";
  if (chatTemplate.includes("<start_of_turn>")) return "gemma";
  const what = chatTemplate ? "a chat template StarAI does not speak" : "no chat template (is it a base model?)";
  throw new Error(`${path} has ${what}: choose an instruct model in ChatML, Llama 3 or Gemma format`);
}
