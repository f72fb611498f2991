/** Counts a prompt before its job is queued; a prompt that is certainly too long is refused without counting. */
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { Turn } from "@starai/protocol/template";
import type { PoolContext } from "../pool/context.ts";
import { Refusal } from "../errors.ts";
import { estimatePrompt } from "../vocabulary/estimate-tokens.ts";
import type { Vocabulary } from "../vocabulary/vocabularies.ts";
import { EndedTheChild, VocabularyUnavailable } from "../vocabulary/vocabulary-process.ts";

export interface PromptCount {
  promptTokens: number;
  /** True when the model's vocabulary is missing or unavailable. */
  estimated: boolean;
}

interface Prompt {
  model: CatalogueModel;
  /** The owner whose turn in the counting queue is used. */
  owner: string;
  turns: readonly Turn[];
}

/** @throws {Refusal} context_overflow when the prompt alone does not fit; queue_full */
export async function countPrompt(ctx: PoolContext, prompt: Prompt): Promise<PromptCount> {
  const vocabulary = await ctx.vocabularies.open(prompt.model.id);
  if (!vocabulary) return estimate(prompt);
  const most = ctx.registry.contextOf(prompt.model);
  if (vocabulary.tokensAtLeast(prompt.turns) > most) throw tooLong(prompt.model, most);
  const promptTokens = await countOrNull(ctx, vocabulary, prompt, most);
  if (promptTokens === null) return estimate(prompt);
  if (promptTokens > most) throw tooLong(prompt.model, most);
  return { promptTokens, estimated: false };
}

/** Null while the vocabulary is unavailable: an estimate is better than no answer. A prompt that killed the vocabulary child is refused. */
async function countOrNull(ctx: PoolContext, vocabulary: Vocabulary, { model, owner, turns }: Prompt, most: number) {
  try {
    return await vocabulary.countPrompt(turns, { owner, enough: most });
  } catch (error) {
    if (error instanceof EndedTheChild) throw tooLong(model, most);
    if (!(error instanceof VocabularyUnavailable)) throw error;
    ctx.log.warn({ err: error, model: model.id }, "a prompt could not be counted; its usage is estimated");
    return null;
  }
}

function estimate({ turns }: Prompt): PromptCount {
  return { promptTokens: estimatePrompt(turns), estimated: true };
}

function tooLong(model: CatalogueModel, most: number): Refusal {
  const message = `${model.id}'s maximum context length is ${most} tokens of prompt and answer together, and the prompt alone is longer; send less.`;
  return new Refusal("context_overflow", message, { param: "messages" });
}
