/**
 * What workers did, in one measure for all of them: reference units, of which an answer token is 100. A worker is paid for
 * what the server counted, never for time or for what it says of itself. Pure.
 */
import { checkCounts } from "./tokens.ts";
import type { BilledTokens } from "./tokens.ts";

/** Reading a token of the prompt is 0.15 of writing one, keeping one from before is 0.02. */
const UNITS = { answer: 100n, prompt: 15n, cached: 2n };

/** In reference units. @throws RangeError for impossible counts */
export function referenceWork({ prompt, cached, answer }: BilledTokens): bigint {
  checkCounts({ prompt, cached, answer, "prompt without cached": prompt - cached });
  return BigInt(answer) * UNITS.answer + BigInt(prompt - cached) * UNITS.prompt + BigInt(cached) * UNITS.cached;
}

export interface Delivered {
  /** Tokens of it that the server committed. */
  readonly tokens: number;
}

/**
 * Each attempt's part of a job's reference work, as numbers in proportion to it. The prompt's work is counted once and
 * divided by the tokens each delivered: a worker that drops at 99 % has earned 99 % and nothing of the last token, whoever
 * writes that has the rest, and reading the prompt again pays nobody; so dropping gains nothing, and a worker that drops
 * before its first token has nothing at all. An attempt that read the prompt and ended the job at its first token has
 * done everything there was: where nothing was delivered, the last one has it all.
 * So the parts are exactly as the tokens delivered: the prompt's work only gives them their unit. Where machines served
 * the model together, theirs is one attempt, whose part divide-by-work.ts divides.
 * @param attempts  in their order
 */
export function workOf(read: Pick<BilledTokens, "prompt" | "cached">, attempts: readonly Delivered[]): bigint[] {
  for (const { tokens } of attempts) checkCounts({ tokens });
  const delivered = attempts.reduce((sum, { tokens }) => sum + tokens, 0);
  if (delivered === 0) return attempts.map((_, at) => (at === attempts.length - 1 ? 1n : 0n));
  const whole = referenceWork({ ...read, answer: delivered });
  // Its tokens' part of the whole, times all tokens delivered: nothing is divided before an amount is.
  return attempts.map(({ tokens }) => BigInt(tokens) * whole);
}
