/**
 * Estimates a text's tokens where no vocabulary counts them. A budget that must hold uses the estimate with a reserve; a
 * prompt's reported usage is the estimate itself. What a worker is paid for is estimated by its bytes: see
 * jobs/answer-count.ts.
 */
import type { Turn } from "@starai/protocol/template";

/** English has about four characters a token, other scripts about two. */
const LATIN_CHARS_A_TOKEN = 4;
const OTHER_CHARS_A_TOKEN = 2;
/** First code point after Latin Extended-B: scripts from here on are counted as other scripts. */
const LATIN_END = 0x250;
/** A template's marks around one turn, its role's name and line breaks: five in every template there is. */
export const TURN_TOKENS = 5;
/** What must fit is taken a quarter larger: names, numbers and rare words have fewer characters a token. */
const RESERVE = 1.25;

export function estimateTokens(text: string): number {
  return Math.ceil(guess(text));
}

/** A whole prompt, with the marks around its turns and those that open the answer. */
export function estimatePrompt(turns: readonly Turn[]): number {
  return turns.reduce((sum, { content }) => sum + estimateTokens(content) + TURN_TOKENS, TURN_TOKENS);
}

/** A high estimate, for budgets that must hold. */
export function reserveTokens(text: string): number {
  return Math.ceil(guess(text) * RESERVE);
}

/** A high estimate of a text that is a turn of its own. */
export function reserveTurn(text: string): number {
  return Math.ceil((guess(text) + TURN_TOKENS) * RESERVE);
}

function guess(text: string): number {
  let latin = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < LATIN_END) latin++;
  return latin / LATIN_CHARS_A_TOKEN + (text.length - latin) / OTHER_CHARS_A_TOKEN;
}
