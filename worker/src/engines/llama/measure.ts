/** Measures, by a short run, how fast this machine reads and writes with this model. */
import type { Token } from "node-llama-cpp";
import type { Speeds } from "./child-messages.ts";
import { coreTimes, coreUse, isBusy } from "./core-use.ts";
import { readPrompt } from "./generate.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { chunkTokensAt, fastestOf, MEASURED } from "./speeds.ts";

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
  return fastestOf(measured, loaded.speeds);
}

/** Sets what the speeds determine: the threads, and how much of a prompt is read at a time. */
export function useSpeeds(loaded: LoadedModel, speeds: Speeds): void {
  loaded.speeds = speeds;
  loaded.llama.maxThreads = speeds.threads;
  loaded.chunkTokens = chunkTokensAt(speeds.prefillTokensPerS);
}

async function measureOnce(loaded: LoadedModel, threads: number, signal: AbortSignal): Promise<Speeds> {
  loaded.llama.maxThreads = threads;
  const tokens = loaded.model.tokenize(MEASURED.text, false).slice(0, MEASURED.readTokens + 1);
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
      if (++made >= MEASURED.writeTokens) break;
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
