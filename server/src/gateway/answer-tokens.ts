/** How many tokens an answer may have. */
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { Turn } from "@starai/protocol/template";
import type { PoolContext } from "../pool/context.ts";
import { Refusal } from "../errors.ts";
import { contextTokens, countPrompt } from "../jobs/count-prompt.ts";
import type { CompletionRequest } from "./parse-request.ts";

/** A long answer to a chat question; callers who want more say so. */
const DEFAULT_ANSWER_TOKENS = 1_024;
/** Below this nothing useful can be said: let the pool refuse the prompt as too long. */
const ANSWER_TOKENS_MIN = 16;
/** A template's marks around one turn, generously. */
const MARK_TOKENS = 8;

interface Answer {
  model: CatalogueModel;
  owner: string;
  turns: readonly Turn[];
  asked: CompletionRequest["maxTokens"];
}

/**
 * What the caller asked for, or a default that fits beside the prompt.
 * @throws {Refusal} invalid_request over the context; context_overflow, queue_full from the count
 */
export async function answerTokens(ctx: PoolContext, { model, owner, turns, asked }: Answer): Promise<number> {
  const context = contextTokens(ctx, model);
  if (asked !== null) {
    if (asked.value < context) return asked.value;
    const message = `${asked.field}: ${asked.value} is too big; ${model.id} takes ${context} tokens of prompt and answer together.`;
    throw new Refusal("invalid_request", message, { param: asked.field });
  }
  const characters = turns.reduce((sum, turn) => sum + turn.content.length, 0);
  // No text has more tokens than UTF-8 bytes, so most prompts need no counting.
  const bytesMost = characters * 3 + turns.length * MARK_TOKENS;
  if (bytesMost + DEFAULT_ANSWER_TOKENS <= context) return DEFAULT_ANSWER_TOKENS;
  const { promptTokens } = await countPrompt(ctx, { model, owner, turns });
  return Math.max(ANSWER_TOKENS_MIN, Math.min(DEFAULT_ANSWER_TOKENS, context - promptTokens));
}
