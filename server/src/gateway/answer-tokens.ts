/** Decides the maximum tokens of an answer. */
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { Turn } from "@starai/protocol/template";
import type { PoolContext } from "../pool/context.ts";
import { Refusal } from "../errors.ts";
import { countPrompt } from "../jobs/count-prompt.ts";
import type { PromptCount } from "../jobs/count-prompt.ts";
import { TURN_TOKENS } from "../vocabulary/estimate-tokens.ts";
import type { CompletionRequest } from "./parse-request.ts";

/** Enough for a long chat answer; callers who want more set `max_tokens`. */
const DEFAULT_ANSWER_TOKENS = 1_024;
/** Fewer tokens hold no useful answer; asking for this many makes the pool refuse a prompt that is too long. */
const ANSWER_TOKENS_MIN = 16;

interface Answer {
  model: CatalogueModel;
  owner: string;
  turns: readonly Turn[];
  asked: CompletionRequest["maxTokens"];
}

interface AnswerTokens {
  maxTokens: number;
  /** The prompt's token count, for reuse; null if no count was needed. */
  counted: PromptCount | null;
}

/**
 * Returns the caller's limit, or a default that fits beside the prompt.
 * @throws {Refusal} invalid_request over the context; context_overflow, queue_full from the count
 */
export async function answerTokens(ctx: PoolContext, { model, owner, turns, asked }: Answer): Promise<AnswerTokens> {
  const context = ctx.registry.contextOf(model);
  if (asked !== null) {
    if (asked.value < context) return { maxTokens: asked.value, counted: null };
    const message = `${asked.field}: ${asked.value} is too big; ${model.id} takes ${context} tokens of prompt and answer together.`;
    throw new Refusal("invalid_request", message, { param: asked.field });
  }
  const characters = turns.reduce((sum, turn) => sum + turn.content.length, 0);
  // No text has more tokens than UTF-8 bytes, so most prompts need no counting.
  const bytesMost = characters * 3 + (turns.length + 1) * TURN_TOKENS;
  if (bytesMost + DEFAULT_ANSWER_TOKENS <= context) return { maxTokens: DEFAULT_ANSWER_TOKENS, counted: null };
  const counted = await countPrompt(ctx, { model, owner, turns });
  const room = context - counted.promptTokens;
  return { maxTokens: Math.max(ANSWER_TOKENS_MIN, Math.min(DEFAULT_ANSWER_TOKENS, room)), counted };
}
