/**
 * Sends workers their credit notes: those they have not, from the number they name when they join, and new ones when they
 * are written. One frame at a time for all workers, in turns, so that many who ask for everything again cost the server no
 * more than one who does. A worker that does not read is dropped by its socket's own bound.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { NOTES_PER_FRAME_MAX } from "@starai/protocol/credit-note";
import type { SignedNote } from "@starai/protocol/credit-note";
import type { MoneyContext } from "../billing/context.ts";
import { notesAfter, notesOf, signNote } from "../contributors/signed-notes.ts";
import type { NotesHad } from "../contributors/signed-notes.ts";
import type { ConnectedWorker } from "./connected-worker.ts";

/** Pause for each note sent: at most 1,000 a second are signed, 5 % of a core, whoever asks for all of them again. */
const PAUSE_MS = 1;
/** After a fault of the database. */
const FAULT_PAUSE_MS = 2_000;

type Parts = Pick<MoneyContext, "pg" | "signer" | "credited" | "log" | "health">;

interface Reader {
  readonly connected: ConnectedWorker;
  /** Id of the server, as its challenge said. */
  readonly server: string;
  had: NotesHad;
  /** Whether what it says that it has was compared with what there is. */
  isChecked: boolean;
}

export class NoteSender {
  readonly #parts: Parts;
  /** Connected workers that keep notes, by key. */
  readonly #readers = new Map<string, Reader>();
  /** Keys of those that may have some to come. */
  readonly #due = new Set<string>();
  #isSending = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.credited.listen((worker) => this.#wake(worker));
  }

  /** It has `had`, and is sent what follows until it leaves. */
  join(connected: ConnectedWorker, { had, server }: { had: NotesHad; server: string }): void {
    this.#readers.set(connected.id, { connected, server, had, isChecked: false });
    this.#wake(connected.id);
  }

  leave(connected: ConnectedWorker): void {
    if (this.#readers.get(connected.id)?.connected !== connected) return;
    this.#readers.delete(connected.id);
    this.#due.delete(connected.id);
  }

  #wake(worker: string): void {
    if (!this.#readers.has(worker)) return;
    this.#due.add(worker);
    if (!this.#isSending) void this.#send();
  }

  /** Never rejects. */
  async #send(): Promise<void> {
    this.#isSending = true;
    for (const worker of this.#due) {
      this.#due.delete(worker);
      const reader = this.#readers.get(worker);
      // What is added while this goes round has its turn at the end of it.
      if (reader !== undefined) await this.#sendTo(reader);
    }
    this.#isSending = false;
  }

  async #sendTo(reader: Reader): Promise<void> {
    const { log, health } = this.#parts;
    try {
      const sent = await this.#sendFrame(reader);
      if (sent === NOTES_PER_FRAME_MAX) this.#wake(reader.connected.id);
      await sleep(sent * PAUSE_MS, undefined, { ref: false });
    } catch (error) {
      if (!health.noticed(error)) log.error({ err: error }, "credit notes could not be sent; trying again");
      this.#wake(reader.connected.id);
      await sleep(FAULT_PAUSE_MS, undefined, { ref: false });
    }
  }

  /** Returns how many were sent: as many as fit where more may follow. */
  async #sendFrame(reader: Reader): Promise<number> {
    const { pg, signer } = this.#parts;
    const { connected, server, had } = reader;
    if (!reader.isChecked && !(await this.#isPlausible(reader))) {
      this.leave(connected);
      return 0;
    }
    const found = await notesAfter(pg, { worker: connected.id, had, most: NOTES_PER_FRAME_MAX });
    if (found.length === 0) return 0;
    const notes: SignedNote[] = found.map((note) => signNote(signer, { worker: connected.id, server, note }));
    if (!connected.sender.send({ type: "credits", notes })) return 0;
    reader.had = { ...had, ...Object.fromEntries(found.map(({ asset, number }) => [asset, number])) };
    return found.length;
  }

  /** A worker that has more notes than there are has them of other books, and is told nothing. */
  async #isPlausible(reader: Reader): Promise<boolean> {
    const { connected, had } = reader;
    const known = await notesOf(this.#parts.pg, connected.id);
    reader.isChecked = true;
    if (had.coin <= known.coin && had.stars <= known.stars) return true;
    const words = "a worker has more credit notes than these books; it is sent none. Was the database put back?";
    this.#parts.log.warn({ worker: connected.facts.name, had, known }, words);
    return false;
  }
}
