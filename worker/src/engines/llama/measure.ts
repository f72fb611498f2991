/** How fast this machine reads and writes with this model, from a short run. */
import type { Token } from "node-llama-cpp";
import type { Speeds } from "./child-messages.ts";
import type { LoadedModel } from "./loaded-model.ts";

/** 96 + 12 tokens take about 2 s where reading runs at 62/s and writing at 20/s (a 1.5b on one core). */
const PREFILL_TOKENS = 96;
const DECODE_TOKENS = 12;
/** A prompt is read in pieces of about this long: the time a cancel or another job's next token may wait. */
const CHUNK_S = 0.5;
const CHUNK_TOKENS_MIN = 32;
const CHUNK_TOKENS_MAX = 512;

/** Measures at each thread count on an idle context; answers the fastest. */
export async function measure(loaded: LoadedModel, threads: readonly number[]): Promise<Speeds> {
  let best: Speeds | null = null;
  for (const count of threads) {
    const speeds = await measureOnce(loaded, count);
    if (!best || typicalJobS(speeds) < typicalJobS(best)) best = speeds;
  }
  if (!best) throw new Error("measure needs at least one thread count");
  return best;
}

/** Sets what follows from known speeds: threads, and how much of a prompt is read at a time. */
export function useSpeeds(loaded: LoadedModel, speeds: Speeds): void {
  loaded.llama.maxThreads = speeds.threads;
  loaded.chunkTokens = chunkTokensAt(speeds.prefillTokensPerS);
}

/** Seconds of one agent step: about 200 new prompt tokens behind a warm prefix, 100 tokens of answer. */
function typicalJobS(speeds: Speeds): number {
  return 200 / speeds.prefillTokensPerS + 100 / speeds.decodeTokensPerS;
}

/** Tokens to read at a time at this reading speed. */
export function chunkTokensAt(prefillTokensPerS: number): number {
  const wanted = Math.round((prefillTokensPerS * CHUNK_S) / CHUNK_TOKENS_MIN) * CHUNK_TOKENS_MIN;
  return Math.min(CHUNK_TOKENS_MAX, Math.max(CHUNK_TOKENS_MIN, wanted));
}

async function measureOnce(loaded: LoadedModel, threads: number): Promise<Speeds> {
  loaded.llama.maxThreads = threads;
  const text = "Measuring how fast this machine reads, one plain sentence after another. ".repeat(20);
  const tokens = loaded.model.tokenize(text, false).slice(0, PREFILL_TOKENS + 1);
  const last = tokens.pop() as Token;
  const slot = loaded.slots.takeForWarming([]);
  if (!slot) throw new Error("speeds are measured before jobs run, but every slot is taken");
  try {
    await slot.sequence.clearHistory();
    // The first evaluation touches the weights' pages and makes the compute graph; it is not the steady speed.
    await slot.sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(0, 8));
    const started = performance.now();
    await slot.sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(8));
    const read = performance.now();
    let made = 0;
    const choices = slot.sequence.evaluate([last], { temperature: 0, yieldEogToken: true });
    while (made < DECODE_TOKENS && !(await choices.next()).done) made++;
    await choices.return();
    const wrote = performance.now();
    await slot.sequence.clearHistory();
    return {
      threads,
      prefillTokensPerS: ((tokens.length - 8) / (read - started)) * 1_000,
      decodeTokensPerS: (made / (wrote - read)) * 1_000,
    };
  } finally {
    loaded.slots.release(slot);
  }
}
