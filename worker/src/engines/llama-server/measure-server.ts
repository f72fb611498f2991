/** Measures, by a short completion, how fast a server reads and writes. */
import { coreTimes, coreUse, isBusy } from "../llama/core-use.ts";
import type { Speeds } from "../llama/child-messages.ts";
import { exercise, tokenize } from "./server-api.ts";
import type { ServerEndpoint } from "./server-api.ts";
import type { ServerProcess } from "./server-process.ts";

/** As for the built-in engine: about 2 s where reading runs at 62/s and writing at 20/s. */
const PREFILL_TOKENS = 96;
const DECODE_TOKENS = 12;

interface Measured {
  process: ServerProcess;
  endpoint: ServerEndpoint;
  threads: number;
}

export async function measureServer({ process, endpoint, threads }: Measured, signal: AbortSignal): Promise<Speeds> {
  const text = "Measuring how fast this machine reads, one plain sentence after another. ".repeat(20);
  const prompt = (await tokenize(endpoint, text, false)).slice(0, PREFILL_TOKENS);
  const request = { prompt, n_predict: DECODE_TOKENS, temperature: 0, top_p: 1, seed: 0, banned: [] };
  // The engine is the server, not this process.
  const own = () => (process.processorSeconds() ?? NaN) * 1_000;
  const before = { ...coreTimes(), ownMs: own() };
  const speeds = await exercise(endpoint, { ...request, cache_prompt: false }, signal);
  const use = coreUse(before, { ...coreTimes(), ownMs: own() });
  if (!(speeds.prefillTokensPerS > 0 && speeds.decodeTokensPerS > 0)) throw new Error("the server timed nothing");
  return { threads, ...speeds, busy: !Number.isNaN(use.own) && isBusy(use) };
}
