/** A model in memory with its context and slots: the inside of the llama.cpp child process. */
import { getLlama, GgmlType, LlamaLogLevel, TokenBias } from "node-llama-cpp";
import type { Llama, LlamaContext, LlamaModel, Token } from "node-llama-cpp";
import { renderPrompt } from "@starai/protocol/template";
import type { TemplateName, Turn } from "@starai/protocol/template";
import type { Device } from "@starai/protocol/worker-frames";
import type { LoadOptions, Speeds } from "./child-messages.ts";
import { BATCH_TOKENS } from "./fit.ts";
import { Grammars } from "./grammar.ts";
import { ENGINE_NAME } from "./engine-name.ts";
import { PrefixStore } from "./prefix-store.ts";
import { Slots } from "./slots.ts";

export interface LoadedModel {
  llama: Llama;
  model: LlamaModel;
  context: LlamaContext;
  slots: Slots;
  grammars: Grammars;
  /** Keeps control tokens out of constrained answers: a grammar allows them where it expects any character. */
  noControls: TokenBias;
  prefixes: PrefixStore;
  template: TemplateName;
  contextTokens: number;
  /** `null` until they are measured. */
  speeds: Speeds | null;
  /** Prompt tokens read at a time. Derived from the speeds; the first measurement reads all at once. */
  chunkTokens: number;
}

/**
 * Loads the file and makes its context. Never compiles or downloads anything: if no binary of
 * node-llama-cpp fits this machine, that is an error.
 */
export async function loadModel(options: LoadOptions, onProgress: (done: number) => void): Promise<LoadedModel> {
  const llama = await getLlama({
    gpu: options.gpu ? "auto" : false,
    build: "never",
    skipDownload: true,
    logLevel: LlamaLogLevel.error,
    // The worker has decided the thread count; llama.cpp must not exceed it.
    maxThreads: options.threads,
    numa: false,
  });
  const model = await llama.loadModel({
    modelPath: options.path,
    onLoadProgress: onProgress,
    ...(options.gpu ? { gpuLayers: { fitContext: { contextSize: options.contextTokens } } } : {}),
  });
  const context = await makeContext(model, options);
  return {
    llama,
    model,
    context,
    slots: new Slots(context),
    grammars: new Grammars(llama, model),
    noControls: withoutControls(model),
    prefixes: await PrefixStore.open(options.prefixFolder, stateKind(llama, options)),
    template: options.template,
    contextTokens: options.contextTokens,
    speeds: null,
    chunkTokens: BATCH_TOKENS,
  };
}

/** Everything a stored state depends on besides its tokens. */
function stateKind(llama: Llama, { sha256, kvType }: LoadOptions): string {
  return `${ENGINE_NAME}, llama.cpp ${llama.llamaCppRelease.release}, ${llama.gpu || "cpu"}, ${sha256}, ${kvType}`;
}

/** Bans control tokens except end marks, which the grammar allows or not. */
function withoutControls(model: LlamaModel): TokenBias {
  const bias = new TokenBias(model.tokenizer);
  for (const token of model.iterateAllTokens()) {
    if (model.getTokenAttributes(token).control && !model.isEogToken(token)) bias.set(token, "never");
  }
  return bias;
}

async function makeContext(model: LlamaModel, options: LoadOptions): Promise<LlamaContext> {
  const kvType = options.kvType === "q8_0" ? GgmlType.Q8_0 : GgmlType.F16;
  return await model.createContext({
    sequences: options.slots,
    contextSize: options.contextTokens,
    batchSize: BATCH_TOKENS,
    threads: options.threads,
    // A quantised V cache is only possible with flash attention.
    ...(kvType === GgmlType.Q8_0 ? { flashAttention: true } : {}),
    experimentalKvCacheKeyType: kvType,
    experimentalKvCacheValueType: kvType,
    failedCreationRemedy: false,
  });
}

/** The prompt's tokens: a template's marks as control tokens, everything written by anybody as plain text. */
export function tokenizePrompt(loaded: Pick<LoadedModel, "model" | "template">, turns: readonly Turn[]): Token[] {
  return renderPrompt(loaded.template, turns).flatMap((piece) =>
    loaded.model.tokenize(piece.value, piece.kind === "control"),
  );
}

/** What this process computes on. */
export async function devicesOf(loaded: LoadedModel): Promise<Device[]> {
  const { llama } = loaded;
  if (!llama.gpu) return [];
  const names = await llama.getGpuDeviceNames();
  const { total } = await llama.getVramState();
  const kind = llama.gpu;
  return names.map((name) => ({ name: name.slice(0, 120), kind, memoryBytes: Math.round(total / names.length) }));
}
