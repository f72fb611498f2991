/** What a job's grammar leaves after the text that earlier attempts delivered: engines can only begin a grammar. */
import { restOfGrammar } from "@starai/protocol/gbnf/rest-of-grammar";
import { EngineFailure } from "./engine.ts";

/** @throws EngineFailure `constraint_refused` when the text is not a grammar or the committed part does not match it. */
export function restAfter(gbnf: string, committed: string): string {
  let rest: string | null;
  try {
    rest = restOfGrammar(gbnf, committed);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new EngineFailure("constraint_refused", `the grammar cannot be continued: ${why}`, { cause: error });
  }
  if (rest === null) throw new EngineFailure("constraint_refused", "the committed part does not fit the grammar");
  return rest;
}
