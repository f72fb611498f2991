/** What a job's grammar leaves after the text that was written already: engines can only begin a grammar. */
import { FollowedText } from "@starai/protocol/gbnf/rest-of-grammar";
import { EngineFailure } from "./engine.ts";

/** An answer in a job's form, which is read on as it grows: asking often reads no part of it twice. */
export class FollowedAnswer {
  readonly #gbnf: string;
  #followed: FollowedText | null = null;
  #readChars = 0;

  constructor(gbnf: string) {
    this.#gbnf = gbnf;
  }

  /**
   * The grammar of what may follow.
   * @param text  the answer so far: what was given the last time, or that and more
   * @throws EngineFailure `constraint_refused` when the grammar is none, or the text does not match it
   */
  restAfter(text: string): string {
    if (!asGrammar(() => this.#read(text)))
      throw new EngineFailure("constraint_refused", "the committed part does not fit the grammar");
    return asGrammar(() => this.#followed!.rest());
  }

  #read(text: string): boolean {
    this.#followed ??= new FollowedText(this.#gbnf);
    const more = text.slice(this.#readChars);
    this.#readChars = text.length;
    return this.#followed.add(more);
  }
}

/** @throws EngineFailure `constraint_refused` */
export function restAfter(gbnf: string, committed: string): string {
  return new FollowedAnswer(gbnf).restAfter(committed);
}

function asGrammar<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new EngineFailure("constraint_refused", `the grammar cannot be continued: ${why}`, { cause: error });
  }
}
