/** The credit notes of this machine: what each pool has said, under its signature, that it owes. */
import { appendFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { CreditNote, SignedNote } from "@starai/protocol/credit-note";
import type { Logger } from "pino";
import { checkNote, NOTHING } from "./check-note.ts";
import type { NotePosition } from "./check-note.ts";
import { NoteFile } from "./note-file.ts";
import { PoolKeys } from "./pool-keys.ts";
import type { KnownPool } from "./pool-keys.ts";

export type Asset = CreditNote["asset"];
const ASSETS = ["coin", "stars"] as const satisfies readonly Asset[];

/** Frames of notes that wait to be written; beyond, the rest is asked for again. */
const WAITING_MAX = 20;
/** A pool that is dialled again and again is asked for its keys at most this often. */
const ASK_EVERY_MS = 30_000;
/** Refused notes kept, bytes: some thousands. Beyond, they are only told. */
const REFUSED_BYTES_MAX = 4 * 1024 * 1024;

export const NOTES_FILE = "notes.jsonl";
export const REFUSED_FILE = "refused-notes.jsonl";

export interface NoteBookOptions {
  home: string;
  /** This machine's key. */
  worker: string;
  logger: Logger;
  /** Tells the owner in a sentence. */
  say: (words: string) => void;
  onCredited?: (note: CreditNote) => void;
  /** Notes came that could not be kept: the pool has to be joined again, and so asked for them. Once until then. */
  onBehind?: () => void;
}

export class NoteBook {
  readonly #options: NoteBookOptions;
  readonly #keys: PoolKeys;
  readonly #file: NoteFile;
  /** By the key that signed it and the asset. */
  readonly #last: Map<string, NotePosition>;
  #pool: KnownPool | null = null;
  #base = "";
  #askedAt = -Infinity;
  /** Whether keys were asked for since the pool was joined: once a connection. */
  #hasAsked = false;
  /**
   * Until the pool is joined again, what comes is dropped, where notes before it could not be kept, or could not even wait:
   * one is missing by no fault of the pool's.
   */
  #isBehind = false;
  #isFull = false;
  /** After which note one was missing: it is asked for once, and missing again it is the pool's fault. */
  readonly #missingAfter = new Map<Asset, number>();
  #waiting = 0;
  #work: Promise<void> = Promise.resolve();

  private constructor(options: NoteBookOptions, keys: PoolKeys, file: NoteFile, last: Map<string, NotePosition>) {
    this.#options = options;
    this.#keys = keys;
    this.#file = file;
    this.#last = last;
  }

  static async open(options: NoteBookOptions): Promise<NoteBook> {
    const last = new Map<string, NotePosition>();
    const keys = await PoolKeys.open(options.home);
    const file = await NoteFile.open(join(options.home, NOTES_FILE), {
      onNote: ({ signed, note }) => last.set(placeOf(signed.key, note.asset), positionOf(note)),
      onDamage: (copy) =>
        options.say(`the file of credit notes was damaged; it was copied to ${copy}, and the pool is asked again`),
    });
    return new NoteBook(options, keys, file, last);
  }

  /**
   * Before dialling: asks the pool for its keys, and says the last note it has of each asset. A pool that does not answer is
   * taken for the one that was last there.
   */
  async meet(base: string, signal?: AbortSignal): Promise<Record<Asset, number>> {
    // What came before is written first, so that the position is right.
    await this.#work;
    this.#base = base;
    [this.#isBehind, this.#isFull, this.#hasAsked] = [false, false, false];
    // A running answer waits for the connection.
    if (performance.now() - this.#askedAt > ASK_EVERY_MS) await this.#askForKeys(base, signal);
    return { coin: this.position("coin").number, stars: this.position("stars").number };
  }

  /** Returns whether the pool told its keys. */
  async #askForKeys(base: string, signal?: AbortSignal): Promise<boolean> {
    const { say, logger } = this.#options;
    try {
      const meeting = await this.#keys.meet(base, signal);
      if (meeting.kind === "new" && meeting.replaces)
        say(`the pool at ${base} has other keys than the one before: its credit notes are counted from the beginning`);
      this.#pool = meeting.pool;
      this.#askedAt = performance.now();
      return true;
    } catch (error) {
      logger.warn({ err: error }, "the pool's keys are not known, so its credit notes cannot be checked yet");
      this.#pool = this.#keys.at(base);
      return false;
    }
  }

  /** The last note of the pool that was met. */
  position(asset: Asset): NotePosition {
    const positions = Object.keys(this.#pool?.keys ?? {}).map((key) => this.#last.get(placeOf(key, asset)) ?? NOTHING);
    return positions.reduce((last, one) => (one.number > last.number ? one : last), NOTHING);
  }

  /** Checks and keeps the notes of a frame, after those that came before. */
  take(notes: readonly SignedNote[]): void {
    if (this.#isBehind || this.#isFull) return;
    if (this.#waiting >= WAITING_MAX) {
      // Those that wait come before it and are kept.
      this.#isFull = true;
      return this.#options.onBehind?.();
    }
    this.#waiting += 1;
    this.#work = this.#work
      .then(async () => await this.#keep(notes))
      .catch((error: unknown) => {
        this.#options.logger.error({ err: error }, "credit notes could not be kept");
        this.#options.say(
          "credit notes could not be written down: see whether the disk is full; they are asked for again",
        );
        this.#fallBehind();
      })
      .finally(() => (this.#waiting -= 1));
  }

  async close(): Promise<void> {
    await this.#work;
    await this.#file.close();
  }

  #fallBehind(): void {
    this.#isBehind = true;
    this.#options.onBehind?.();
  }

  async #keep(notes: readonly SignedNote[]): Promise<void> {
    if (this.#isBehind) return;
    if (this.#signsUnknown(notes) && !(await this.#learnKeys())) return this.#fallBehind();
    if (this.#pool === null) return this.#fallBehind();
    const { worker } = this.#options;
    // Positions as they will be once this frame is written.
    const ahead = Object.fromEntries(ASSETS.map((asset) => [asset, this.position(asset)])) as Record<
      Asset,
      NotePosition
    >;
    const good: { signed: SignedNote; note: CreditNote }[] = [];
    const refused: { signed: SignedNote; fault: string }[] = [];
    let isOneMissing = false;
    for (const signed of notes) {
      const checked = checkNote(signed, { worker, keys: this.#pool.keys, last: (asset) => ahead[asset] });
      if (checked.kind === "later") {
        isOneMissing = true;
        if (this.#wasAskedFor(checked.asset, ahead[checked.asset].number))
          refused.push({ signed, fault: checked.fault });
        break;
      }
      if (checked.kind === "refused") refused.push({ signed, fault: checked.fault });
      if (checked.kind !== "next") continue;
      good.push({ signed, note: checked.note });
      ahead[checked.note.asset] = positionOf(checked.note);
    }
    if (good.length > 0) await this.#file.append(good.map(({ signed }) => signed));
    for (const { signed, note } of good) {
      this.#last.set(placeOf(signed.key, note.asset), positionOf(note));
      this.#options.onCredited?.(note);
    }
    if (refused.length > 0) await this.#refuse(refused);
    if (isOneMissing) this.#fallBehind();
  }

  #signsUnknown(notes: readonly SignedNote[]): boolean {
    return notes.some(({ key }) => this.#pool?.keys[key] === undefined);
  }

  #wasAskedFor(asset: Asset, after: number): boolean {
    const was = this.#missingAfter.get(asset) === after;
    this.#missingAfter.set(asset, after);
    return was;
  }

  /** A pool changes its key once in a while, also while machines are connected. Returns whether it told its keys just now. */
  async #learnKeys(): Promise<boolean> {
    if (this.#hasAsked) return false;
    this.#hasAsked = true;
    return await this.#askForKeys(this.#base);
  }

  /** Keeps them apart: with the pool's signature they are proof of what it said. */
  async #refuse(refused: readonly { signed: SignedNote; fault: string }[]): Promise<void> {
    const path = join(this.#options.home, REFUSED_FILE);
    const at = new Date().toISOString();
    const text = refused.map(({ signed, fault }) => `${JSON.stringify({ at, fault, ...signed })}\n`).join("");
    const size = await stat(path).then(
      (file) => file.size,
      () => 0,
    );
    if (size + text.length <= REFUSED_BYTES_MAX) await appendFile(path, text, { mode: 0o600 });
    const many = refused.length === 1 ? "a credit note that breaks" : `${refused.length} credit notes that break`;
    this.#options.say(
      `the pool sent ${many} a rule: ${refused[0]?.fault}; kept apart in ${path}, show it to the operator`,
    );
  }
}

const placeOf = (key: string, asset: Asset) => `${key} ${asset}`;
const positionOf = ({ number, total }: CreditNote): NotePosition => ({ number, total: BigInt(total) });
