/**
 * What concerns the owner's pay, over all connections to the pool: whose machine this is, how to make it one's own, and the
 * credit notes. It tells events; whoever shows them chooses the words.
 */
import type { CreditNote } from "@starai/protocol/credit-note";
import type { WorkerStanding } from "@starai/protocol/worker-frames";
import type { Logger } from "pino";
import { NoteBook } from "../notes/note-book.ts";
import { NOT_CONNECTED } from "../pool-connection.ts";
import type { EarningFrame } from "../pool-connection.ts";
import { audit } from "./audit.ts";
import { ChainGuard } from "./chain-guard.ts";
import { keepStanding } from "./standing-file.ts";
import { plain } from "./words.ts";
import type { Pairing } from "./words.ts";

export type EarningEvent =
  | { kind: "standing"; standing: WorkerStanding; before: WorkerStanding | null }
  | { kind: "pairing"; pairing: Pairing }
  | { kind: "credited"; note: CreditNote }
  /** What the owner asked for cannot be done, and why. */
  | { kind: "refused"; text: string }
  /** Something the owner should read. */
  | { kind: "words"; text: string };

/** The connection, for what its owner asks. */
export interface OwnerLink {
  /** Returns why it cannot be asked; null: it was. */
  send(frame: { type: "pair" } | { type: "unpair" }): string | null;
  /** Joins again, so that the pool sends the notes that are missing. */
  rejoin(): void;
}

export interface EarningsOptions {
  home: string;
  worker: string;
  /** Where the pool's API is. */
  base: string;
  logger: Logger;
  onEvent: (event: EarningEvent) => void;
  /** What asks the chain, and pays for a challenge: TON_ENDPOINT, TON_API_KEY, TON_MNEMONIC. */
  chain?: Readonly<Record<string, string | undefined>> | undefined;
  /** Asks for a code by itself, once, when the machine is nobody's. */
  pairsItself: boolean;
}

/** Codes are asked for at most this often: the pool keeps one code a machine. */
const PAIR_EVERY_MS = 5_000;
/** A code that is good for less than this is not shown again. */
const PAIRING_LEFT_MS = 30_000;
/** How long after notes that could not be kept they are asked for again. */
const BEHIND_MS = 60_000;
const LISTENERS_MAX = 8;
const REASON_CHARS_MAX = 300;
/** The pool's epochs are days long; a root that is on its way can be stopped for a day at least. */
const AUDIT_EVERY_MS = 60 * 60_000;
/** The first look waits until the pool has said whose machine it is. */
const AUDIT_FIRST_MS = 60_000;

export class Earnings {
  readonly #options: EarningsOptions;
  readonly #guard: ChainGuard;
  readonly #listeners = new Set<(event: EarningEvent) => void>();
  #book: NoteBook | null = null;
  #link: OwnerLink | null = null;
  #standing: WorkerStanding | null = null;
  #pairing: Pairing | null = null;
  #askedAt = -Infinity;
  #offered = false;
  /** Whether the owner's question to the pool has no answer yet. */
  #waits = false;
  #behindTimer: NodeJS.Timeout | null = null;
  #auditTimer: NodeJS.Timeout | null = null;
  readonly #closing = new AbortController();
  #warned: ReadonlySet<string> = new Set();
  #keeping: Promise<void> = Promise.resolve();

  constructor(options: EarningsOptions) {
    this.#options = options;
    const { home, base, chain: env = {} } = options;
    this.#guard = new ChainGuard({ home, base, env });
  }

  /** The last note of each asset that is kept of this pool. @throws when the machine's own files cannot be read. */
  async meet(signal?: AbortSignal): Promise<{ coin: number; stars: number }> {
    const { home, worker, base, logger } = this.#options;
    this.#book ??= await NoteBook.open({
      home,
      worker,
      logger,
      say: (text) => this.#tell({ kind: "words", text }),
      onCredited: (note) => this.#tell({ kind: "credited", note }),
      onBehind: () => this.#fallBehind(),
    });
    return await this.#book.meet(base, signal);
  }

  connected(link: OwnerLink): void {
    this.#link = link;
    this.#auditTimer ??= this.#auditIn(AUDIT_FIRST_MS);
  }

  /** Compares notes, leaves and roots now, and tells each warning that was not told yet; urgent ones each time. */
  async audit(): Promise<void> {
    const { home, base, logger } = this.#options;
    const findings = await audit(home, base, { signal: this.#closing.signal, guard: this.#guard });
    const warnings = findings.filter(({ kind }) => kind === "warning");
    logger.info({ findings: findings.length, warnings: warnings.length }, "notes and leaves were compared");
    for (const { text, isUrgent } of warnings)
      if (isUrgent || !this.#warned.has(text)) this.#tell({ kind: "words", text });
    this.#warned = new Set(warnings.map(({ text }) => text));
  }

  disconnected(): void {
    this.#link = null;
    this.#waits = false;
    if (this.#behindTimer) clearTimeout(this.#behindTimer);
    this.#behindTimer = null;
  }

  frame(frame: EarningFrame): void {
    switch (frame.type) {
      case "credits":
        return this.#book?.take(frame.notes);
      case "pairing": {
        const { code, link, expiresAt } = frame;
        this.#pairing = { code, link, expiresAt };
        this.#waits = false;
        return this.#tell({ kind: "pairing", pairing: this.#pairing });
      }
      case "standing":
        return this.#stand(frame.standing);
      case "dropped":
        return this.#refused(frame.reason);
      default:
        frame satisfies never;
    }
  }

  /** Shows the code, or asks the pool for a new one. Returns why it cannot; null: a `pairing` event follows. */
  pair(): string | null {
    if (this.#standing?.owner) return "this machine has an owner already: unpair it first";
    if (this.#pairing && Date.parse(this.#pairing.expiresAt) - Date.now() > PAIRING_LEFT_MS) {
      this.#tell({ kind: "pairing", pairing: this.#pairing });
      return null;
    }
    if (this.#link === null) return NOT_CONNECTED;
    const now = performance.now();
    if (this.#waits && now - this.#askedAt < PAIR_EVERY_MS) return null;
    this.#askedAt = now;
    return this.#ask({ type: "pair" });
  }

  /** Returns why it cannot; null: a `standing` event follows. */
  unpair(): string | null {
    if (this.#link === null) return NOT_CONNECTED;
    if (this.#standing && this.#standing.owner === null) return "this machine is nobody's already";
    this.#pairing = null;
    return this.#ask({ type: "unpair" });
  }

  #ask(frame: { type: "pair" } | { type: "unpair" }): string | null {
    const fault = this.#link === null ? NOT_CONNECTED : this.#link.send(frame);
    this.#waits = fault === null;
    return fault;
  }

  /** A pool drops other frames too: only what answers the owner's question is told. */
  #refused(reason: string): void {
    if (!this.#waits) return;
    this.#waits = false;
    this.#tell({ kind: "refused", text: plain(reason, REASON_CHARS_MAX) });
  }

  /** Tells the events from now on, first the standing that is known. Null: too many listen already. */
  listen(listener: (event: EarningEvent) => void): (() => void) | null {
    if (this.#listeners.size >= LISTENERS_MAX) return null;
    this.#listeners.add(listener);
    if (this.#standing) listener({ kind: "standing", standing: this.#standing, before: this.#standing });
    return () => this.#listeners.delete(listener);
  }

  /** Writes down what has come. */
  async close(): Promise<void> {
    this.disconnected();
    this.#closing.abort();
    if (this.#auditTimer) clearTimeout(this.#auditTimer);
    await this.#keeping;
    await this.#book?.close();
  }

  #stand(standing: WorkerStanding): void {
    const before = this.#standing;
    this.#standing = standing;
    this.#waits = false;
    if (standing.owner) this.#pairing = null;
    const { home, base, logger } = this.#options;
    this.#keeping = this.#keeping
      .then(async () => await keepStanding(home, base, standing))
      .catch((error: unknown) => logger.warn({ err: error }, "whose machine this is could not be written down"));
    if (JSON.stringify(before) !== JSON.stringify(standing)) this.#tell({ kind: "standing", standing, before });
    if (standing.owner || !this.#options.pairsItself || this.#offered) return;
    this.#offered = true;
    this.pair();
  }

  #auditIn(ms: number): NodeJS.Timeout {
    const timer = setTimeout(() => {
      void this.audit()
        .catch((error: unknown) => this.#options.logger.warn({ err: error }, "notes and leaves could not be compared"))
        .finally(() => {
          if (!this.#closing.signal.aborted) this.#auditTimer = this.#auditIn(AUDIT_EVERY_MS);
        });
    }, ms);
    return timer.unref();
  }

  #fallBehind(): void {
    const link = this.#link;
    if (link === null || this.#behindTimer) return;
    this.#behindTimer = setTimeout(() => link.rejoin(), BEHIND_MS);
    this.#behindTimer.unref();
  }

  #tell(event: EarningEvent): void {
    this.#options.onEvent(event);
    for (const listener of this.#listeners) listener(event);
  }
}
