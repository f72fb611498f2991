/** Tokenisers of the catalogue's models: how the server counts and decodes for itself, without believing a worker. */
import type { Catalogue, CatalogueModel } from "@starai/protocol/catalogue";
import { renderPrompt } from "@starai/protocol/template";
import type { Turn } from "@starai/protocol/template";
import type { Events } from "../events/events.ts";
import type { CountingQuestion, VerifyingQuestion } from "./child-messages.ts";
import { CountingLanes } from "./counting-lanes.ts";
import { TOKENS_OF_CONTEXT } from "./decode-after.ts";
import { insist } from "./insist.ts";
import { hasVocabularyFile, vocabularyFile } from "./vocabulary-file.ts";
import { VocabularyProcess } from "./vocabulary-process.ts";

/** After a failure the sources are tried again this much later: a worker on this machine may have fetched the model. */
const RETRY_AFTER_MS = 10_000;

export interface CountLimits {
  /** Owners take turns. */
  owner: string;
  /** Beyond it the count need not be exact: it is too long anyway. */
  enough: number;
}

/**
 * Counting and verifying are two processes, so streams never wait for the prompts that callers send.
 * What streams wait for is asked again until it is answered; see `insist`.
 */
export interface Vocabulary {
  /** Lower bound of the tokens of a prompt of these turns, from its length alone; costs nothing. */
  tokensAtLeast(turns: readonly Turn[]): number;
  /**
   * Tokens of the whole prompt: the template's marks as control tokens, what was written as plain ones.
   * @throws {VocabularyUnavailable} when it cannot be counted now
   * @throws {EndedTheChild} when this prompt takes too long to count
   * @throws {Refusal} queue_full when its owner has too many waiting
   */
  countPrompt(turns: readonly Turn[], limits: CountLimits): Promise<number>;
  /** Text of a list of ids: control tokens give nothing, an unfinished last character is held back. */
  decode(tokens: readonly number[]): Promise<string>;
  /**
   * What `tokens` of a stream add to its text when they follow `before`.
   * @throws {VocabularyUnavailable} after 30 s without an answer: whether the ids are good is not known
   * @throws {Error} when no honest stream has these ids: one is in no vocabulary or a control token, or they end inside
   *   a character
   */
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
  readonly #events: Events;
  readonly #retryAfterMs: number;
  readonly #counting: VocabularyProcess<CountingQuestion>;
  readonly #verifying: VocabularyProcess<VerifyingQuestion>;
  readonly #lanes: CountingLanes;
  readonly #opened = new Map<string, Opening>();

  constructor(catalogue: Catalogue, modelsFolder: string, events: Events, retryAfterMs = RETRY_AFTER_MS) {
    this.#retryAfterMs = retryAfterMs;
    this.#catalogue = catalogue;
    this.#modelsFolder = modelsFolder;
    this.#events = events;
    this.#counting = new VocabularyProcess(events, "counting");
    this.#verifying = new VocabularyProcess(events, "verifying");
    this.#lanes = new CountingLanes(this.#counting);
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

  /** Opens the vocabulary if its file is on this machine: loading takes seconds, and no source is asked. Never throws. */
  async warm(modelId: string): Promise<void> {
    const model = this.#catalogue.get(modelId);
    if (model && (await hasVocabularyFile(model, this.#modelsFolder))) await this.open(modelId);
  }

  async #tryToOpen(model: CatalogueModel, opening: Opening): Promise<Vocabulary | null> {
    try {
      const vocabulary = await this.#open(model);
      opening.vocabulary = Promise.resolve(vocabulary);
      return vocabulary;
    } catch (error) {
      opening.retryAt = performance.now() + this.#retryAfterMs;
      this.#events.log.warn({ model: model.id, err: error }, "no vocabulary: usage of this model is estimated");
      return null;
    }
  }

  /** Process ids of the children; null until they are needed. */
  get pids(): { counting: number | null; verifying: number | null } {
    return { counting: this.#counting.pid, verifying: this.#verifying.pid };
  }

  async #open(model: CatalogueModel): Promise<Vocabulary> {
    const file = await vocabularyFile(model, this.#modelsFolder);
    const load = { kind: "load", file } as const;
    const [longest] = await Promise.all([this.#counting.ask(load), this.#verifying.ask(load)]);
    const parts = { model, file, longestTokenBytes: Number(longest) };
    return new FileVocabulary({ ...parts, lanes: this.#lanes, verifying: this.#verifying });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#counting[Symbol.asyncDispose](), this.#verifying[Symbol.asyncDispose]()]);
  }
}

interface VocabularyParts {
  readonly model: CatalogueModel;
  readonly file: string;
  readonly longestTokenBytes: number;
  readonly lanes: CountingLanes;
  readonly verifying: VocabularyProcess<VerifyingQuestion>;
}

class FileVocabulary implements Vocabulary {
  readonly #parts: VocabularyParts;

  constructor(parts: VocabularyParts) {
    this.#parts = parts;
  }

  tokensAtLeast(turns: readonly Turn[]): number {
    const bytes = turns.reduce((sum, turn) => sum + Buffer.byteLength(turn.content), 0);
    return Math.ceil(bytes / this.#parts.longestTokenBytes);
  }

  async countPrompt(turns: readonly Turn[], { owner, enough }: CountLimits): Promise<number> {
    const { file, lanes, model } = this.#parts;
    const pieces = renderPrompt(model.template, turns);
    return Number(await lanes.ask(owner, { kind: "count-pieces", file, pieces, enough }));
  }

  decode(tokens: readonly number[]): Promise<string> {
    return this.#decode([], tokens, false);
  }

  decodeAfter(before: readonly number[], tokens: readonly number[]): Promise<string> {
    return this.#decode(before.slice(-TOKENS_OF_CONTEXT), tokens, true);
  }

  async #decode(before: readonly number[], tokens: readonly number[], stream: boolean): Promise<string> {
    const { file, verifying } = this.#parts;
    return String(await insist(verifying, { kind: "decode", file, before: [...before], tokens: [...tokens], stream }));
  }

  async checkGrammar(gbnf: string): Promise<string | null> {
    const { file, lanes } = this.#parts;
    const fault = await lanes.ask(GRAMMARS, { kind: "check-grammar", file, gbnf });
    return fault === null ? null : String(fault);
  }
}

/** Checks of grammars share one lane: each follows a worker's refusal, so they are few. */
const GRAMMARS = "grammars";
