/** The shape of an operator's command. */
import type { AppContext } from "../context.ts";

export type OperatorContext = Pick<AppContext, "db">;
export type Say = (line: string) => void;

export interface OperatorCommand {
  /** Its arguments, as the help shows them after its name. */
  readonly args: string;
  readonly summary: string;
  /** Throws a sentence that says what to write instead. */
  run(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void>;
}
