/** A machine that somebody lends, over the real wire: it writes one answer in its own manner, and keeps and checks its credit notes. */
import { setTimeout as sleep } from "node:timers/promises";
import type { CreditNote } from "@starai/protocol/credit-note";
import type { Lease } from "@starai/protocol/worker-frames";
import { plumbingModel } from "@starai/server/testing/pool-stack";
import { ScriptedWorker } from "@starai/server/testing/scripted-worker";
import { NOTHING, checkNote } from "@starai/worker/notes/check-note";

const WORDS = ["One ", "two ", "three ", "four ", "five."];
/** What each machine writes, whoever began it. */
export const ANSWER = WORDS.join("");
/** Before each word of a slow answer and its end: 14 s, where the service level of so short an answer is 12; and no stall, which is 3 s. */
const SLOW_MS = 2_400;
/** Its first answers only: one of each person, at once, so that a test has one such wait. */
const SLOW_ANSWERS = 2;

/** @param nth  of this machine's leases, from 1 */
type Manner = (machine: LentMachine, lease: Lease, nth: number) => Promise<void>;

export const MANNERS = {
  honest: async (machine, lease) => machine.finish(lease, WORDS.length),
  /** Breaks off after a word: the first answer and each third one after it. */
  failing: async (machine, lease, nth) => {
    if (nth % 3 !== 1) return machine.finish(lease, WORDS.length);
    machine.write(lease, 1);
    const { job, fence } = lease;
    machine.wire.send({ type: "fail", job, fence, code: "engine_crashed", message: "again" });
  },
  slow: async (machine, lease, nth) => {
    if (nth > SLOW_ANSWERS) return machine.finish(lease, WORDS.length);
    for (let words = 1; words <= WORDS.length; words++) {
      await sleep(SLOW_MS);
      machine.write(lease, words);
    }
    await sleep(SLOW_MS);
    machine.finish(lease, WORDS.length);
  },
} satisfies Record<string, Manner>;

export class LentMachine {
  readonly wire: ScriptedWorker;
  /** In the order of their numbers; each is signed by the pool and follows the one before. */
  readonly notes: CreditNote[] = [];
  leases = 0;
  readonly #manner: Manner;
  readonly #keys: () => Readonly<Record<string, string>>;
  readonly #written = new Map<string, number>();

  /** @param keys  the pool's, by which notes are checked */
  constructor(name: string, manner: Manner, keys: () => Readonly<Record<string, string>>) {
    this.wire = new ScriptedWorker(name, [plumbingModel({ tokenIds: false, slots: 4 })]);
    this.#manner = manner;
    this.#keys = keys;
  }

  get key(): string {
    return this.wire.keys.key;
  }

  async join(url: string): Promise<void> {
    this.wire.notes = { coin: this.#last("coin").number, stars: this.#last("stars").number };
    await this.wire.join(url);
    // Both end with the connection.
    void this.#work().catch(() => undefined);
    void this.#keep().catch(() => undefined);
  }

  /** Writes up to this word of the answer; what was delivered before, also by another machine, is not sent again. */
  write(lease: Lease, words: number): void {
    const place = `${lease.job} ${lease.fence}`;
    const from = Math.max(lease.committed.text.length, this.#written.get(place) ?? 0);
    const text = WORDS.slice(0, words).join("");
    if (text.length > from) this.wire.tokens(lease, null, text.slice(from));
    this.#written.set(place, Math.max(from, text.length));
  }

  finish(lease: Lease, words: number): void {
    this.write(lease, words);
    this.wire.done(lease);
  }

  /** What its notes of an asset add up to, nano units. */
  owed(asset: CreditNote["asset"]): bigint {
    return this.#last(asset).total;
  }

  #last(asset: CreditNote["asset"]) {
    const last = this.notes.findLast((note) => note.asset === asset);
    return last === undefined ? NOTHING : { number: last.number, total: BigInt(last.total) };
  }

  async #work(): Promise<never> {
    for (;;) {
      const lease = await this.wire.lease();
      void this.#manner(this, lease, ++this.leases);
    }
  }

  async #keep(): Promise<never> {
    for (;;) {
      const { notes } = await this.wire.frame("credits");
      for (const signed of notes) {
        const rules = { worker: this.key, keys: this.#keys(), last: (asset: CreditNote["asset"]) => this.#last(asset) };
        const checked = checkNote(signed, rules);
        if (checked.kind !== "next") throw new Error(`a note that is ${checked.kind}: ${signed.note}`);
        this.notes.push(checked.note);
      }
    }
  }
}
