/** What the server and its vocabulary child say to each other. Both are ours and of one version, so no parsing. */
import type { PromptPiece } from "@starai/protocol/template";

export type VocabularyQuestion =
  | { kind: "load"; file: string }
  | { kind: "count-pieces"; file: string; pieces: PromptPiece[] }
  /** The text of `tokens` after `before`; see `decodeAfter`. */
  | { kind: "decode"; file: string; before: number[]; tokens: number[] }
  | { kind: "check-grammar"; file: string; gbnf: string };

export interface VocabularyRequest {
  id: number;
  question: VocabularyQuestion;
}

export type VocabularyReply =
  | { id: number; ok: true; value: number | string | null }
  /** The question was wrong (say, a token no vocabulary has); the child is well. */
  | { id: number; ok: false; message: string };
