/** Reads a prefix while the engine is idle, so that the first job with it starts at once. */
import type { Token } from "node-llama-cpp";
import { readPrompt } from "./generate.ts";
import type { LoadedModel } from "./loaded-model.ts";
import type { Slot } from "./slots.ts";

/** Resolves when the prefix is read, or when a job pre-empted it. */
export async function warmPrefix(loaded: LoadedModel, tokens: Token[]): Promise<void> {
  const slot = loaded.slots.takeForWarming(tokens);
  if (!slot) return;
  try {
    if (await loaded.prefixes.recall(slot.sequence, tokens)) return await touchWeights(loaded, slot, tokens);
    const whole = await readPrompt(loaded, slot.sequence, tokens, { progress: () => {} }, slot.stop.signal);
    if (whole) await loaded.prefixes.save(slot.sequence, tokens);
  } finally {
    loaded.slots.release(slot);
  }
}

/** Evaluates the last token again to page the weights in: a loaded state does not, and their first use is slow. */
async function touchWeights(loaded: LoadedModel, { sequence, stop }: Slot, tokens: Token[]): Promise<void> {
  await sequence.eraseContextTokenRanges([{ start: tokens.length - 1, end: tokens.length }]);
  await readPrompt(loaded, sequence, tokens, { progress: () => {} }, stop.signal);
}
