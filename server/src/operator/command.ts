/** What a command of an operator is. */
import type { AppContext } from "../context.ts";

export type Books = Pick<AppContext, "db">;
export type Say = (line: string) => void;

export interface OperatorCommand {
  /** What stands behind the command's name in the help. */
  readonly takes: string;
  readonly does: string;
  /** Throws a sentence that says what to write instead. */
  run(books: Books, words: readonly string[], say: Say): Promise<void>;
}
