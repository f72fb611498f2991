/**
 * Grammars for llama.cpp: GBNF text to a state that masks the next token. An answer that continues begins with the
 * state of the rest of its grammar: what the grammar leaves after the text that an earlier attempt delivered.
 */
import { LlamaGrammarEvaluationState } from "node-llama-cpp";
import type { Llama, LlamaGrammar, LlamaModel } from "node-llama-cpp";
import { EngineFailure } from "../engine.ts";
import { restAfter } from "../rest-after.ts";

/** Compiled whole grammars kept, oldest evicted first: agents reuse a handful of them, and no rest a second time. */
const GRAMMARS_KEPT_MAX = 16;

export class Grammars {
  readonly #llama: Llama;
  readonly #model: LlamaModel;
  readonly #compiled = new Map<string, LlamaGrammar>();

  constructor(llama: Llama, model: LlamaModel) {
    this.#llama = llama;
    this.#model = model;
  }

  /**
   * The state of `gbnf` after the text `committed`, which ends with a whole character.
   * @throws EngineFailure `constraint_refused` when the text is not a grammar or the committed part does not match it.
   */
  async stateAfter(gbnf: string, committed: string): Promise<LlamaGrammarEvaluationState> {
    const grammar = committed === "" ? await this.#kept(gbnf) : await this.#compile(restAfter(gbnf, committed));
    return new LlamaGrammarEvaluationState({ model: this.#model, grammar });
  }

  async #kept(gbnf: string): Promise<LlamaGrammar> {
    const grammar = this.#compiled.get(gbnf) ?? (await this.#compile(gbnf));
    this.#compiled.delete(gbnf);
    this.#compiled.set(gbnf, grammar);
    const oldest = this.#compiled.keys().next().value;
    if (this.#compiled.size > GRAMMARS_KEPT_MAX && oldest !== undefined) this.#compiled.delete(oldest);
    return grammar;
  }

  async #compile(gbnf: string): Promise<LlamaGrammar> {
    try {
      return await this.#llama.createGrammar({ grammar: gbnf });
    } catch (error) {
      throw new EngineFailure("constraint_refused", "llama.cpp cannot parse the grammar", { cause: error });
    }
  }
}
