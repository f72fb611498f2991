/** How many tokens an answer may have. */
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { Turn } from "@starai/protocol/template";
import type { AppContext } from "../context.ts";
import { Refusal } from "../errors.ts";
import type { CompletionRequest } from "./parse-request.ts";

/** A long answer to a chat question; callers who want more say so. */
const DEFAULT_ANSWER_TOKENS = 1_024;
/** Below this nothing useful can be said: let the pool refuse the prompt as too long. */
const ANSWER_TOKENS_MIN = 16;
/** A template's marks around one turn, generously. */
const MARK_TOKENS = 8;

/** What the caller asked for, or a default that fits beside the prompt. @throws {Refusal} invalid_request over the context */
export async function answerTokens(
  ctx: AppContext,
  model: CatalogueModel,
  turns: readonly Turn[],
  asked: CompletionRequest["maxTokens"],
): Promise<number> {
  const served = ctx.registry.status().models.find((status) => status.id === model.id)?.contextTokens;
  const context = served ?? model.contextTokens;
  if (asked !== null) {
    if (asked.value < context) return asked.value;
    const message = `${asked.field}: ${asked.value} is too big; ${model.id} takes ${context} tokens of prompt and answer together.`;
    throw new Refusal("invalid_request", message, { param: asked.field });
  }
  const characters = turns.reduce((sum, turn) => sum + turn.content.length, 0);
  // No text has more tokens than UTF-8 bytes, so most prompts need no counting.
  const bytesMost = characters * 3 + turns.length * MARK_TOKENS;
  if (bytesMost + DEFAULT_ANSWER_TOKENS <= context) return DEFAULT_ANSWER_TOKENS;
  const room = context - (await promptTokens(ctx, model.id, turns, characters));
  return Math.max(ANSWER_TOKENS_MIN, Math.min(DEFAULT_ANSWER_TOKENS, room));
}

async function promptTokens(
  ctx: AppContext,
  model: string,
  turns: readonly Turn[],
  characters: number,
): Promise<number> {
  const vocabulary = await ctx.vocabularies.open(model);
  const estimate = Math.ceil(characters / 4) + (turns.length + 1) * MARK_TOKENS;
  return vocabulary === null ? estimate : vocabulary.countPrompt(turns).catch(() => estimate);
}
