/**
 * A vocabulary process: loads vocabulary-only model files and counts, decodes and checks grammars with them. Two run
 * at a time, one that counts and one that verifies, and each gets only questions of its own kind.
 *
 * It is a process of its own because a bad file or a hostile grammar aborts the process it is read in. It ends
 * when its parent's channel closes, and ignores Ctrl-C, which reaches the whole terminal group.
 */
import { LlamaGrammarEvaluationState, LlamaLogLevel, getLlama } from "node-llama-cpp";
import type { LlamaModel, Token } from "node-llama-cpp";
import type { VocabularyAnswer, VocabularyQuestion, VocabularyReply, VocabularyRequest } from "./child-messages.ts";
import { countUpTo } from "./count-up-to.ts";
import { decodeAfter } from "./decode-after.ts";

/** Vocabularies kept loaded; the largest take about 100 MB each. */
const LOADED_MAX = 8;

process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit(0));

const llama = await getLlama({ gpu: false, build: "never", progressLogs: false, logLevel: LlamaLogLevel.error });
const loaded = new Map<string, LlamaModel>();

// One question at a time: loading twice the same file would be waste, and the answers are short.
let last: Promise<void> = Promise.resolve();
process.on("message", (request: VocabularyRequest) => {
  last = answerAfter(last, request);
});

async function answerAfter(earlier: Promise<void>, request: VocabularyRequest): Promise<void> {
  await earlier;
  const reply = await answer(request);
  process.send?.(reply);
}

async function answer({ id, question }: VocabularyRequest): Promise<VocabularyReply> {
  try {
    return { id, ok: true, value: await work(await modelOf(question.file), question) };
  } catch (error) {
    return { id, ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

function work(model: LlamaModel, question: VocabularyQuestion): VocabularyAnswer | Promise<VocabularyAnswer> {
  switch (question.kind) {
    case "load":
      return longestToken(model);
    case "count-pieces":
      return countUpTo(
        ({ value, kind }) => model.tokenize(value, kind === "control").length,
        question.pieces,
        question.enough,
      );
    case "decode":
      return decode(model, question);
    case "check-grammar":
      return grammarFault(model, question.gbnf);
  }
}

function decode(model: LlamaModel, { before, tokens, stream }: VocabularyQuestion & { kind: "decode" }): string {
  const size = vocabularySize(model);
  const stranger = tokens.find((token) => token >= size);
  // llama.cpp aborts the process on such an id.
  if (stranger !== undefined) throw new Error(`token ${stranger} is not in the vocabulary of ${size}`);
  const detokenize = (ids: readonly number[]) => model.detokenize(ids as Token[], false);
  if (stream) {
    const control = tokens.find((token) => model.getTokenAttributes(token as Token).control);
    if (control !== undefined) throw new Error(`token ${control} is a control token`);
    if (detokenize([...before, ...tokens]).endsWith("\uFFFD")) throw new Error("the ids end inside a character");
  }
  return decodeAfter(detokenize, before, tokens);
}

function vocabularySize(model: LlamaModel): number {
  return tokensOf(model).length;
}

/** In bytes, as the file writes tokens: a space or a byte takes more there than in a text, never less. */
function longestToken(model: LlamaModel): number {
  return tokensOf(model).reduce((most, token) => Math.max(most, Buffer.byteLength(token)), 1);
}

function tokensOf(model: LlamaModel): readonly string[] {
  return model.fileInfo.metadata.tokenizer?.ggml.tokens ?? [];
}

/** Null when llama.cpp can use the grammar. The second step also refuses left recursion. */
async function grammarFault(model: LlamaModel, gbnf: string): Promise<string | null> {
  try {
    const grammar = await llama.createGrammar({ grammar: gbnf });
    void new LlamaGrammarEvaluationState({ model, grammar });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function modelOf(file: string): Promise<LlamaModel> {
  const known = loaded.get(file);
  if (known) return known;
  if (loaded.size >= LOADED_MAX) {
    const [oldest, model] = loaded.entries().next().value!;
    loaded.delete(oldest);
    await model.dispose();
  }
  const model = await llama.loadModel({ modelPath: file, vocabOnly: true });
  loaded.set(file, model);
  return model;
}
