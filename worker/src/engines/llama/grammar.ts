// oxlint-disable no-underscore-dangle -- the binding names its internals so
/**
 * Grammars for llama.cpp: GBNF text to a state that masks the next token, also when an answer continues after
 * tokens that an earlier attempt delivered.
 *
 * The binding has no public way to advance a grammar over given tokens. Only this file uses its internal
 * one (`AddonSampler.acceptGrammarEvaluationStateToken`); it is why node-llama-cpp is pinned to an exact version.
 */
import { LlamaGrammarEvaluationState } from "node-llama-cpp";
import type { Llama, LlamaGrammar, LlamaModel, Token } from "node-llama-cpp";
import { EngineFailure } from "../engine.ts";

interface InternalLlama {
  _bindings: { AddonSampler: { acceptGrammarEvaluationStateToken(state: unknown, token: number): void } };
}

/** Compiled grammars kept, oldest evicted first: agents reuse a handful of them. */
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
   * The state of `gbnf` after `committed`.
   * @throws EngineFailure `constraint_refused` when the text is not a grammar or the committed part does not match it.
   */
  async stateAfter(gbnf: string, committed: readonly Token[]): Promise<LlamaGrammarEvaluationState> {
    const grammar = await this.#compile(gbnf);
    const state = new LlamaGrammarEvaluationState({ model: this.#model, grammar });
    const { AddonSampler } = (this.#llama as unknown as InternalLlama)._bindings;
    const inner = (state as unknown as { _state: unknown })._state;
    try {
      for (const token of committed) AddonSampler.acceptGrammarEvaluationStateToken(inner, token);
    } catch (error) {
      throw new EngineFailure("constraint_refused", "the committed part does not fit the grammar", { cause: error });
    }
    return state;
  }

  async #compile(gbnf: string): Promise<LlamaGrammar> {
    const known = this.#compiled.get(gbnf);
    if (known) {
      this.#compiled.delete(gbnf);
      this.#compiled.set(gbnf, known);
      return known;
    }
    let grammar: LlamaGrammar;
    try {
      grammar = await this.#llama.createGrammar({ grammar: gbnf });
    } catch (error) {
      throw new EngineFailure("constraint_refused", "llama.cpp cannot parse the grammar", { cause: error });
    }
    this.#compiled.set(gbnf, grammar);
    const oldest = this.#compiled.keys().next().value;
    if (this.#compiled.size > GRAMMARS_KEPT_MAX && oldest !== undefined) this.#compiled.delete(oldest);
    return grammar;
  }
}
