/** Messages between the server and its vocabulary children. Both are ours and of one version, so no parsing. */
import type { PromptPiece } from "@starai/protocol/template";

/** Answered with the bytes of the vocabulary's longest token. */
export type LoadQuestion = { kind: "load"; file: string };

/** What callers' texts and grammars cost: asked of the counting child. */
export type CountingQuestion =
  | LoadQuestion
  /** Tokens of a prompt; a number above `enough` need not be exact. */
  | { kind: "count-pieces"; file: string; pieces: PromptPiece[]; enough: number }
  | { kind: "check-grammar"; file: string; gbnf: string };

/** Questions that streams wait for: they go to the verifying child, where no caller's prompt is ahead of them. */
export type VerifyingQuestion =
  | LoadQuestion
  /**
   * The text of `tokens` after `before`; see `decodeAfter`. Those of a `stream` have no control token among them, since
   * an answer ends before one, and do not stop inside a character, since the next worker may not be able to end it.
   */
  | { kind: "decode"; file: string; before: number[]; tokens: number[]; stream: boolean };

export type VocabularyQuestion = CountingQuestion | VerifyingQuestion;
export type VocabularyAnswer = number | string | null;

export interface VocabularyRequest {
  id: number;
  question: VocabularyQuestion;
}

export type VocabularyReply =
  | { id: number; ok: true; value: VocabularyAnswer }
  /** The question was wrong (say, a token no vocabulary has); the child still runs. */
  | { id: number; ok: false; message: string };
