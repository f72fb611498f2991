/** Counts a prompt before it may wait for a worker; what is certainly too long is refused without being counted. */
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { Turn } from "@starai/protocol/template";
import type { PoolContext } from "../pool/context.ts";
import { Refusal } from "../errors.ts";
import { estimatePrompt } from "../vocabulary/estimate-tokens.ts";
import type { Vocabulary } from "../vocabulary/vocabularies.ts";
import { EndedTheChild, VocabularyUnavailable } from "../vocabulary/vocabulary-process.ts";

export interface PromptCount {
  promptTokens: number;
  /** True where the model has no vocabulary, or none now. */
  estimated: boolean;
}

interface Prompt {
  model: CatalogueModel;
  /** Whose turn in the counting queue it takes. */
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

/** Null without a vocabulary now: better a rough number than no answer. A prompt that is the reason for that gets none. */
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
