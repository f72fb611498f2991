/** Measures, by a short run, how fast this machine reads and writes with this model. */
import type { Token } from "node-llama-cpp";
import type { Speeds } from "./child-messages.ts";
import { coreTimes, coreUse, isBusy } from "./core-use.ts";
import { readPrompt } from "./generate.ts";
import type { LoadedModel } from "./loaded-model.ts";

/** 96 + 12 tokens take about 2 s where reading runs at 62/s and writing at 20/s (a 1.5b on one core). */
const PREFILL_TOKENS = 96;
const DECODE_TOKENS = 12;
/** Duration of one prompt piece, about: the time a cancel or another job's next token may wait. */
const CHUNK_S = 0.5;
const CHUNK_TOKENS_MIN = 32;
const CHUNK_TOKENS_MAX = 512;

/**
 * Measures at each thread count on an idle context; returns the fastest. Neighbours only ever slow a measurement, so
 * the known speeds stay if they are faster than a disturbed measurement.
 * @throws within a token or a piece of a prompt when `signal` aborts, because a job needs the engine.
 */
export async function measure(loaded: LoadedModel, threads: readonly number[], signal: AbortSignal): Promise<Speeds> {
  const measured: Speeds[] = [];
  for (const count of threads) {
    signal.throwIfAborted();
    measured.push(await measureOnce(loaded, count, signal));
  }
  const busy = measured.some((speeds) => speeds.busy);
  if (busy && loaded.speeds) measured.push(loaded.speeds);
  const [fastest] = measured.toSorted((a, b) => typicalJobS(a) - typicalJobS(b));
  if (!fastest) throw new Error("measure needs at least one thread count");
  // A neighbour active during one count may have changed which count won.
  return { ...fastest, busy };
}

/** Sets what the speeds determine: the threads, and how much of a prompt is read at a time. */
export function useSpeeds(loaded: LoadedModel, speeds: Speeds): void {
  loaded.speeds = speeds;
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

async function measureOnce(loaded: LoadedModel, threads: number, signal: AbortSignal): Promise<Speeds> {
  loaded.llama.maxThreads = threads;
  const text = "Measuring how fast this machine reads, one plain sentence after another. ".repeat(20);
  const tokens = loaded.model.tokenize(text, false).slice(0, PREFILL_TOKENS + 1);
  const last = tokens.pop() as Token;
  const slot = loaded.slots.takeForWarming([]);
  if (!slot) throw new Error("cannot measure speeds: every slot is taken");
  try {
    await slot.sequence.clearHistory();
    // The first evaluation touches the weights' pages and builds the compute graph, so it is slower than the others.
    await slot.sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(0, 8));
    const before = coreTimes();
    const started = performance.now();
    await readPrompt(loaded, slot.sequence, tokens, { progress: () => {} }, signal);
    signal.throwIfAborted();
    const read = performance.now();
    let made = 0;
    const choices = slot.sequence.evaluate([last], { temperature: 0, yieldEogToken: true });
    for await (const _ of choices) {
      signal.throwIfAborted();
      if (++made >= DECODE_TOKENS) break;
    }
    const wrote = performance.now();
    await slot.sequence.clearHistory();
    return {
      threads,
      prefillTokensPerS: ((tokens.length - 8) / (read - started)) * 1_000,
      decodeTokensPerS: (made / (wrote - read)) * 1_000,
      busy: isBusy(coreUse(before, coreTimes())),
    };
  } finally {
    loaded.slots.release(slot);
  }
}
