/** Measures, by a short completion, how fast a server reads and writes. */
import { coreTimes, coreUse, isBusy } from "../llama/core-use.ts";
import type { Speeds } from "../llama/child-messages.ts";
import { MEASURED } from "../llama/speeds.ts";
import { exercise, tokenize } from "./server-api.ts";
import type { ServerEndpoint } from "./server-api.ts";
import type { ServerProcess } from "./server-process.ts";

interface Measured {
  process: ServerProcess;
  endpoint: ServerEndpoint;
  threads: number;
}

export async function measureServer({ process, endpoint, threads }: Measured, signal: AbortSignal): Promise<Speeds> {
  const prompt = (await tokenize(endpoint, MEASURED.text, false)).slice(0, MEASURED.readTokens);
  const request = { prompt, n_predict: MEASURED.writeTokens, temperature: 0, top_p: 1, seed: 0, banned: [] };
  // The engine is the server, not this process.
  const own = () => (process.processorSeconds() ?? NaN) * 1_000;
  const before = { ...coreTimes(), ownMs: own() };
  const speeds = await exercise(endpoint, { ...request, cache_prompt: false }, signal);
  const use = coreUse(before, { ...coreTimes(), ownMs: own() });
  if (!(speeds.prefillTokensPerS > 0 && speeds.decodeTokensPerS > 0)) throw new Error("the server timed nothing");
  return { threads, ...speeds, busy: !Number.isNaN(use.own) && isBusy(use) };
}
