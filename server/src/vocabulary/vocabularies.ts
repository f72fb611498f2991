/** Tokenisers of the catalogue's models: how the server counts and decodes for itself, without believing a worker. */
import type { Logger } from "pino";
import type { Catalogue, CatalogueModel } from "@starai/protocol/catalogue";
import { renderPrompt } from "@starai/protocol/template";
import type { Turn } from "@starai/protocol/template";
import { TOKENS_OF_CONTEXT } from "./decode-after.ts";
import { vocabularyFile } from "./vocabulary-file.ts";
import { VocabularyProcess } from "./vocabulary-process.ts";

/** After a failure the sources are tried again this much later: a worker on this machine may have fetched the model. */
const RETRY_AFTER_MS = 10_000;

export interface Vocabulary {
  /** Tokens of the whole prompt: the template's marks as control tokens, what was written as plain ones. */
  countPrompt(turns: readonly Turn[]): Promise<number>;
  /** Tokens of a plain text. */
  count(text: string): Promise<number>;
  /** Text of a list of ids: control tokens give nothing, an unfinished last character is held back. */
  decode(tokens: readonly number[]): Promise<string>;
  /** What `tokens` add to the text when they follow `before`. Rejects an id that is not in the vocabulary. */
  decodeAfter(before: readonly number[], tokens: readonly number[]): Promise<string>;
  /** Null when the engine can use this grammar, else what is wrong with it. */
  checkGrammar(gbnf: string): Promise<string | null>;
}

interface Opening {
  vocabulary: Promise<Vocabulary | null>;
  /** When to try again; infinity once it is open or opening. */
  retryAt: number;
}

export class Vocabularies {
  readonly #catalogue: Catalogue;
  readonly #modelsFolder: string;
  readonly #log: Logger;
  readonly #retryAfterMs: number;
  readonly #process: VocabularyProcess;
  readonly #opened = new Map<string, Opening>();

  constructor(catalogue: Catalogue, modelsFolder: string, log: Logger, retryAfterMs = RETRY_AFTER_MS) {
    this.#retryAfterMs = retryAfterMs;
    this.#catalogue = catalogue;
    this.#modelsFolder = modelsFolder;
    this.#log = log;
    this.#process = new VocabularyProcess(log);
  }

  /**
   * The model's vocabulary; null where none can be had, and then usage is estimated. Never throws. Only the first
   * call waits for the sources: later tries are made while callers go on without.
   */
  open(modelId: string): Promise<Vocabulary | null> {
    const model = this.#catalogue.get(modelId);
    if (!model) return Promise.resolve(null);
    const known = this.#opened.get(modelId);
    if (known && performance.now() < known.retryAt) return known.vocabulary;
    const opening = known ?? { vocabulary: Promise.resolve(null), retryAt: Infinity };
    opening.retryAt = Infinity;
    this.#opened.set(modelId, opening);
    const attempt = this.#tryToOpen(model, opening);
    if (!known) opening.vocabulary = attempt;
    return opening.vocabulary;
  }

  async #tryToOpen(model: CatalogueModel, opening: Opening): Promise<Vocabulary | null> {
    try {
      const vocabulary = await this.#open(model);
      opening.vocabulary = Promise.resolve(vocabulary);
      return vocabulary;
    } catch (fault) {
      opening.retryAt = performance.now() + this.#retryAfterMs;
      this.#log.warn({ model: model.id, err: fault }, "no vocabulary: usage of this model is estimated");
      return null;
    }
  }

  /** Of the child, once it was needed. */
  get pid(): number | null {
    return this.#process.pid;
  }

  async #open(model: CatalogueModel): Promise<Vocabulary> {
    const file = await vocabularyFile(model, this.#modelsFolder);
    await this.#process.ask({ kind: "load", file });
    return new FileVocabulary(model, file, this.#process);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

class FileVocabulary implements Vocabulary {
  readonly #model: CatalogueModel;
  readonly #file: string;
  readonly #process: VocabularyProcess;

  constructor(model: CatalogueModel, file: string, process: VocabularyProcess) {
    this.#model = model;
    this.#file = file;
    this.#process = process;
  }

  async countPrompt(turns: readonly Turn[]): Promise<number> {
    const pieces = renderPrompt(this.#model.template, turns);
    return Number(await this.#process.ask({ kind: "count-pieces", file: this.#file, pieces }));
  }

  async count(text: string): Promise<number> {
    const pieces = [{ kind: "text" as const, value: text }];
    return Number(await this.#process.ask({ kind: "count-pieces", file: this.#file, pieces }));
  }

  decode(tokens: readonly number[]): Promise<string> {
    return this.decodeAfter([], tokens);
  }

  async decodeAfter(before: readonly number[], tokens: readonly number[]): Promise<string> {
    const context = before.slice(-TOKENS_OF_CONTEXT);
    return String(await this.#process.ask({ kind: "decode", file: this.#file, before: context, tokens: [...tokens] }));
  }

  async checkGrammar(gbnf: string): Promise<string | null> {
    const fault = await this.#process.ask({ kind: "check-grammar", file: this.#file, gbnf });
    return fault === null ? null : String(fault);
  }
}
