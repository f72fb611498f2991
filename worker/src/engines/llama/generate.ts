/** One job on one slot: reads the prompt, continues after the committed part, emits whole characters. */
import type { LlamaContextSequence, LlamaGrammarEvaluationState, Token } from "node-llama-cpp";
import type { FinishReason } from "@starai/protocol/worker-frames";
import { EngineFailure } from "../engine.ts";
import type { EngineJob } from "../engine.ts";
import { tokenizePrompt } from "./loaded-model.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { WholeCharacters } from "./whole-characters.ts";

export interface Output {
  progress(done: number): void;
  tokens(tokens: number[], text: string): void;
}

/** llama.cpp's own default. OpenAI callers cannot set it; small models write nonsense from the far tail. */
const TOP_K = 40;
const WAITING_PROGRESS_MS = 1_000;

/**
 * Runs `job` to its end, or until `signal` aborts: then it returns `null` within a token.
 * @throws EngineFailure
 */
export async function generate(
  loaded: LoadedModel,
  job: EngineJob,
  out: Output,
  signal: AbortSignal,
): Promise<FinishReason | null> {
  const committed = (job.committed.tokens ?? loaded.model.tokenize(job.committed.text, false)) as Token[];
  const tokens = [...tokenizePrompt(loaded, job.turns), ...committed];
  const room = loaded.contextTokens - tokens.length;
  if (room < 1) {
    throw new EngineFailure(
      "context_overflow",
      `the prompt has ${tokens.length} tokens, this worker's context holds ${loaded.contextTokens}`,
    );
  }
  const characters = new WholeCharacters(
    (some, before) => loaded.model.detokenize(some as Token[], false, before as Token[]),
    committed,
  );
  // The server commits whole characters; a grammar read from its text cannot know about a part of one.
  if (job.constraint && job.committed.tokens && characters.isInside)
    throw new EngineFailure("constraint_refused", "the committed part ends inside a character");
  const grammar = job.constraint ? await loaded.grammars.stateAfter(job.constraint.gbnf, job.committed.text) : null;
  const slot = await waitForSlot(loaded, tokens, out, signal);
  try {
    await loaded.prefixes.improve(slot.sequence, tokens);
    if (!(await readPrompt(loaded, slot.sequence, tokens.slice(0, -1), out, signal))) return null;
    const last = tokens.at(-1);
    if (last === undefined) throw new EngineFailure("context_overflow", "the prompt is empty");
    const limit = Math.min(job.maxTokens, room);
    return await decode({ loaded, sequence: slot.sequence, last, job, grammar, limit }, characters, out, signal);
  } finally {
    loaded.slots.release(slot);
  }
}

async function waitForSlot(loaded: LoadedModel, tokens: Token[], out: Output, signal: AbortSignal) {
  const alive = setInterval(() => out.progress(loaded.slots.warmed(tokens)), WAITING_PROGRESS_MS);
  try {
    return await loaded.slots.take(tokens, signal);
  } finally {
    clearInterval(alive);
  }
}

/**
 * Reads `tokens` into the slot, reusing the part it already holds. Returns `false` when aborted. Progress is the
 * share of the whole prompt that the slot holds, so it continues from where an awaited warming ended.
 */
export async function readPrompt(
  loaded: LoadedModel,
  sequence: LlamaContextSequence,
  tokens: Token[],
  out: Pick<Output, "progress">,
  signal: AbortSignal,
): Promise<boolean> {
  await sequence.adaptStateToTokens(tokens, false);
  const from = sequence.nextTokenIndex;
  const size = loaded.chunkTokens;
  for (let at = from; at < tokens.length; at += size) {
    if (signal.aborted) return false;
    out.progress(at / tokens.length);
    await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(at, at + size));
  }
  return !signal.aborted;
}

interface Decoding {
  loaded: LoadedModel;
  sequence: LlamaContextSequence;
  /** The last token before the first new one; its evaluation gives the first choice. */
  last: Token;
  job: EngineJob;
  grammar: LlamaGrammarEvaluationState | null;
  limit: number;
}

async function decode(
  { loaded, sequence, last, job, grammar, limit }: Decoding,
  characters: WholeCharacters,
  out: Output,
  signal: AbortSignal,
): Promise<FinishReason | null> {
  const { temperature, topP, seed } = job.sampling;
  const choices = sequence.evaluate([last], {
    temperature,
    topP,
    topK: TOP_K,
    seed,
    ...(grammar ? { grammarEvaluationState: grammar, tokenBias: loaded.noControls } : {}),
  });
  let made = 0;
  for await (const token of choices) {
    if (signal.aborted) return null;
    // Any other control token (such as the opening of a turn) ends the answer too: it has no text.
    if (loaded.model.getTokenAttributes(token).control) return "stop";
    const whole = characters.push(token);
    if (whole) out.tokens(whole.tokens, whole.text);
    // A character cut by the limit is never delivered: neither its bytes nor its tokens.
    if (++made >= limit) return "length";
  }
  return signal.aborted ? null : "stop";
}
