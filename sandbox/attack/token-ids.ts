/** Encodes texts as token ids of the plumbing model: a machine without an engine sends ids that match its text. */
import os from "node:os";
import process from "node:process";
import { pino } from "pino";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { loadCatalogue, PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { Events } from "@starai/server/events/events";
import { Vocabularies } from "@starai/server/vocabulary/vocabularies";

/** The most frequent tokens come first in a vocabulary; these include all printable ASCII characters. */
const IDS_READ = 1_500;

export interface Piece {
  id: number;
  text: string;
}

export class TokenIds {
  readonly #byText: ReadonlyMap<string, number>;
  readonly #longest: number;
  /** Control tokens of the chat template, which decode to nothing. */
  readonly controls: readonly number[];

  private constructor(byText: ReadonlyMap<string, number>, controls: readonly number[]) {
    this.#byText = byText;
    this.controls = controls;
    this.#longest = Math.max(...[...byText.keys()].map((text) => text.length));
  }

  /** Reads the vocabulary and closes its process again. @throws when the model is not downloaded */
  static async read(): Promise<TokenIds> {
    const silent = pino({ level: "silent" });
    await using vocabularies = new Vocabularies(
      loadCatalogue(),
      modelsFolder(process.env, os.homedir()),
      new Events(silent),
    );
    const vocabulary = await vocabularies.open(PLUMBING_MODEL);
    if (!vocabulary) throw new Error(`${PLUMBING_MODEL} is missing: run npm run worker -- pull ${PLUMBING_MODEL}`);
    const all = Array.from({ length: IDS_READ }, (_, id) => id);
    const texts = await Promise.all(all.map((id) => vocabulary.decode([id])));
    const byText = new Map<string, number>();
    for (const [id, text] of texts.entries())
      if (/^[\x20-\x7e]+$/.test(text) && !byText.has(text)) byText.set(text, id);
    // Bytes of longer characters decode to nothing alone, too, so the control tokens are named by their fixed ids.
    return new TokenIds(byText, [1, 2]);
  }

  /** Encodes greedily, taking the longest token at each position. @throws for anything but printable ASCII */
  of(text: string): Piece[] {
    const pieces: Piece[] = [];
    for (let at = 0; at < text.length;) {
      const piece = this.#pieceAt(text, at);
      pieces.push(piece);
      at += piece.text.length;
    }
    return pieces;
  }

  #pieceAt(whole: string, at: number): Piece {
    for (let length = Math.min(this.#longest, whole.length - at); length > 0; length--) {
      const text = whole.slice(at, at + length);
      const id = this.#byText.get(text);
      if (id !== undefined) return { id, text };
    }
    throw new Error(`no token for ${JSON.stringify(whole[at])}: machines here write printable ASCII`);
  }
}
