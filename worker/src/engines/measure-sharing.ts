/** Measures, on any engine, by how much streams that share it slow each other: one alone, then as many as it serves at once. */
import type { Engine, EngineJob } from "./engine.ts";

const WRITE_TOKENS = 32;
/** Fewer say nothing about a pace. */
const TOKENS_MIN = 8;
/** For all of it: four streams of one token a second between them still end within it. */
const WITHIN_MS = 180_000;

type Measurable = Pick<Engine, "generate" | "served">;

/**
 * What each further stream adds to the time of a stream, as a share of the time that it takes alone: 0 where they cost
 * each other nothing, 1 where they only take turns. Null where it cannot be told: one slot, or an engine that fails or
 * writes too little.
 */
export async function measureSharing(engine: Measurable): Promise<number | null> {
  const { slots } = engine.served;
  if (slots < 2) return null;
  const signal = AbortSignal.timeout(WITHIN_MS);
  try {
    // The first stream after a load also touches the weights' pages.
    await paceOf(engine, 0, signal);
    const alone = await paceOf(engine, 1, signal);
    const shared = await Promise.all(Array.from({ length: slots }, (_, at) => paceOf(engine, at + 2, signal)));
    const known = shared.filter((pace) => pace !== null);
    if (alone === null || known.length < slots) return null;
    return sharingOf({ alone, shared: known });
  } catch {
    // A guess about money is not worth an error.
    return null;
  }
}

/** @param alone, shared  tokens a second of a stream alone, and of each of several at once */
export function sharingOf({ alone, shared }: { alone: number; shared: readonly number[] }): number {
  const mean = shared.reduce((sum, pace) => sum + pace, 0) / shared.length;
  // More than taking turns is other programs' doing.
  return Math.min(1, Math.max(0, (alone / mean - 1) / (shared.length - 1)));
}

/** Tokens a second after the first ones; null where too few came. Where an engine gives no ids, each piece counts as one. */
async function paceOf(engine: Measurable, seed: number, signal: AbortSignal): Promise<number | null> {
  let [began, ended, written] = [0, 0, -1];
  for await (const event of engine.generate(jobOf(seed), signal)) {
    if (event.kind !== "tokens") continue;
    ended = performance.now();
    if (written >= 0) written += event.tokens?.length ?? 1;
    else [began, written] = [ended, 0];
  }
  return written < TOKENS_MIN || ended <= began ? null : (written / (ended - began)) * 1_000;
}

/** Something to write about for long enough. The seed makes each its own, so that none finds another's text in a cache. */
function jobOf(seed: number): EngineJob {
  return {
    turns: [{ role: "user", content: `Count in words from ${seed + 1} to two hundred.` }],
    committed: { text: "", tokens: null },
    constraint: null,
    sampling: { temperature: 0, topP: 1, seed },
    maxTokens: WRITE_TOKENS,
    cacheKey: `measure ${seed}`,
  };
}
