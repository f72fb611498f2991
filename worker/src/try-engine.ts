/** Tries an engine with a model, once for this machine: loads it with little context and measures how much it writes in all. */
import { setTimeout as wait } from "node:timers/promises";
import type { Logger } from "pino";
import { EngineFailure } from "./engines/engine.ts";
import type { LlamaEngine } from "./engines/llama/llama-engine.ts";
import { isMachineBusy, measureRates } from "./engines/llama/measure-rates.ts";
import type { MeasureKey } from "./measures.ts";
import { readTrial, writeTrial } from "./trials.ts";
import type { Trial } from "./trials.ts";

/** Room for each answer of a trial, and for what speeds are measured with. */
export const TRIAL_CONTEXT_TOKENS = 256;
/** A killed engine's memory is free a moment later. */
const GONE_MAX_MS = 5_000;
const GONE_EVERY_MS = 50;

export interface Candidate {
  key: MeasureKey;
  /** Loads it for a trial. */
  start: () => Promise<LlamaEngine>;
}

interface TryOptions {
  home: string;
  logger: Logger;
  signal: AbortSignal;
}

/**
 * What is kept of it, or a new trial. One that was disturbed is repeated as soon as the machine is left alone.
 * @throws Error when the engine found too little memory all the same, or the worker is stopped
 */
export async function trialOf(candidate: Candidate, { home, logger, signal }: TryOptions): Promise<Trial> {
  const kept = await readTrial(home, candidate.key);
  if (kept && (!kept.busy || (await isMachineBusy()))) return kept;
  const trial = await tryIt(candidate, signal);
  logger.info({ ...candidate.key, ...trial }, "tried an engine");
  await writeTrial(home, candidate.key, trial).catch((error: unknown) =>
    logger.warn({ err: error }, "the trial of an engine could not be kept; the next start tries it again"),
  );
  return trial;
}

async function tryIt({ start }: Candidate, signal: AbortSignal): Promise<Trial> {
  const isBusyBefore = await isMachineBusy();
  let engine: LlamaEngine;
  try {
    engine = await start();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof EngineFailure && error.code === "engine_crashed")
      return { died: ["f16"], rates: null, busy: false };
    throw error;
  }
  const { pid } = engine;
  try {
    const rates = await measureRates(engine, signal);
    return { died: [], rates, busy: isBusyBefore || (await isMachineBusy()) };
  } finally {
    await engine.close();
    await gone(pid);
  }
}

async function gone(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  const until = performance.now() + GONE_MAX_MS;
  while (isRunning(pid) && performance.now() < until) await wait(GONE_EVERY_MS);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
