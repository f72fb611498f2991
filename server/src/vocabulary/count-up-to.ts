/**
 * Counts a prompt's tokens in time bounded by the number that may fit, not by the prompt: a long prompt is first
 * counted in slices, and given up as soon as they hold more than any whole prompt that fits could.
 */
import type { PromptPiece } from "@starai/protocol/template";

/** Counted at once: a tokeniser takes about 0.1 s for it, whatever is written there. */
const AT_ONCE_CHARS = 64 * 1024;
const SLICE_CHARS = 16 * 1024;
/** A cut splits words and merges of the tokeniser, so that slices hold more than the whole: far less than half more. */
const CUTS_FACTOR = 1.5;

/** Tokens of all pieces: the exact number where it is at most `enough`, else some number above `enough`. */
export function countUpTo(tokens: (piece: PromptPiece) => number, pieces: readonly PromptPiece[], enough: number) {
  const characters = pieces.reduce((sum, piece) => sum + piece.value.length, 0);
  if (characters > AT_ONCE_CHARS) {
    const tooMany = enough * CUTS_FACTOR;
    const about = countWhile((count) => count <= tooMany, tokens, slices(pieces));
    if (about > tooMany) return about;
  }
  return countWhile(() => true, tokens, pieces);
}

function countWhile(
  goOn: (count: number) => boolean,
  tokens: (piece: PromptPiece) => number,
  pieces: Iterable<PromptPiece>,
): number {
  let count = 0;
  for (const piece of pieces) {
    if (!goOn(count)) break;
    count += tokens(piece);
  }
  return count;
}

function* slices(pieces: readonly PromptPiece[]): Generator<PromptPiece> {
  for (const { kind, value } of pieces) {
    for (let at = 0; at < value.length; at += SLICE_CHARS) yield { kind, value: value.slice(at, at + SLICE_CHARS) };
  }
}
