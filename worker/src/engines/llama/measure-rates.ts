/** Measures how much an engine writes in all for one person and for several at once: its batching gain. */
import { setTimeout as wait } from "node:timers/promises";
import { isWorth, STREAMS } from "../../trials.ts";
import type { Rate } from "../../trials.ts";
import type { Engine, EngineJob } from "../engine.ts";
import { coreTimes, coreUse, isBusy } from "./core-use.ts";

const ROUNDS = 3;
/** For one answer alone: whether that is slower must be told for sure. */
const ROUNDS_ALONE = 7;
const TOKENS = 24;
/** After this no more streams are tried: on a slow machine they would take minutes. */
const ENOUGH_MS = 40_000;
const LOOK_MS = 500;

/** @throws when `signal` aborts, or the engine ends. */
export async function measureRates(engine: Engine, signal: AbortSignal): Promise<Rate[]> {
  const began = performance.now();
  const rates: Rate[] = [];
  for (const streams of STREAMS) {
    if (streams > engine.served.slots || performance.now() - began > ENOUGH_MS) break;
    const tokensPerS: number[] = [];
    const rounds = streams === 1 ? ROUNDS_ALONE : ROUNDS;
    for (let round = 0; round < rounds; round++) tokensPerS.push(await runRound(engine, { streams, round }, signal));
    rates.push({ streams, tokensPerS });
    if (!isWorth(rates)) break;
  }
  return rates;
}

/** Whether other programs use this machine now; to be asked while no engine of this worker computes. */
export async function isMachineBusy(): Promise<boolean> {
  const before = coreTimes();
  await wait(LOOK_MS);
  return isBusy(coreUse(before, coreTimes()));
}

async function runRound(
  engine: Engine,
  { streams, round }: { streams: number; round: number },
  signal: AbortSignal,
): Promise<number> {
  const all = await Promise.all(
    Array.from({ length: streams }, async (_, stream) => await tokenTimes(engine, jobOf(`${round}.${stream}`), signal)),
  );
  return rateOf(all);
}

/** When each of an answer's tokens came. */
async function tokenTimes(engine: Engine, job: EngineJob, signal: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  for await (const event of engine.generate(job, signal))
    if (event.kind === "tokens") times.push(...(event.tokens ?? []).map(() => performance.now()));
  signal.throwIfAborted();
  return times;
}

/**
 * Tokens per second while all answers are being written: reading a prompt is another speed. Where one ended before another
 * had begun, of the whole time. Pure.
 */
export function rateOf(answers: readonly (readonly number[])[]): number {
  const [firsts, lasts] = [answers.map((times) => times[0] ?? 0), answers.map((times) => times.at(-1) ?? 0)];
  const together = { from: Math.max(...firsts), to: Math.min(...lasts) };
  const whole = { from: Math.min(...firsts), to: Math.max(...lasts) };
  const { from, to } = together.to > together.from ? together : whole;
  const made = answers.flat().filter((at) => at > from && at <= to).length;
  if (!(made > 0 && to > from)) throw new Error("the engine wrote too little to be measured");
  return (made / (to - from)) * 1_000;
}

function jobOf(number: string): EngineJob {
  return {
    turns: [{ role: "user", content: `Tell me a long story. Call it ${number}.` }],
    committed: { text: "", tokens: [] },
    constraint: null,
    sampling: { temperature: 0, topP: 1, seed: 7 },
    maxTokens: TOKENS,
    cacheKey: "measure",
  };
}
