/** The counting child's queue: owners take turns, so that many long prompts delay only their own owner. */
import { Refusal } from "../errors.ts";
import { OwnerLanes } from "../scheduler/owner-lanes.ts";
import type { CountingQuestion, VocabularyAnswer } from "./child-messages.ts";
import type { VocabularyProcess } from "./vocabulary-process.ts";

/** More than an owner may have on the way into the queue, so that an owner within that bound never meets this one. */
const LANE_MAX = 32;
/** One the child works on and one in the pipe, so that it never idles. More would bypass the turns. */
const ASKED_MAX = 2;

export class CountingLanes {
  readonly #process: VocabularyProcess<CountingQuestion>;
  readonly #lanes = new OwnerLanes<() => Promise<void>>(LANE_MAX);
  #asked = 0;

  constructor(process: VocabularyProcess<CountingQuestion>) {
    this.#process = process;
  }

  /** @throws the process's errors, and {Refusal} queue_full when this owner has too many questions waiting */
  ask(owner: string, question: CountingQuestion): Promise<VocabularyAnswer> {
    return new Promise((resolve, reject) => {
      const put = () => this.#process.ask(question).then(resolve, reject);
      if (!this.#lanes.push(owner, put)) return reject(laneFull());
      this.#askNext();
    });
  }

  #askNext(): void {
    if (this.#asked >= ASKED_MAX) return;
    const put = this.#lanes.next();
    if (!put) return;
    this.#asked++;
    void put().finally(() => {
      this.#asked--;
      this.#askNext();
    });
  }
}

function laneFull(): Refusal {
  const message = `${LANE_MAX} of your prompts are being counted already; send the next when one is answered.`;
  return new Refusal("queue_full", message, { retryAfterS: 5 });
}
