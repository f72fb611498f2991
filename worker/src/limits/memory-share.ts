/** The part of this machine's memory, and of its cards', that its owner lets models take. */
import type { Machine } from "../machine.ts";

interface Bytes {
  card: number;
  main: number;
}

export class MemoryShare {
  readonly #share: number;
  readonly #taken: Bytes = { card: 0, main: 0 };

  /** @param percent  null: what is free */
  constructor(percent: number | null) {
    this.#share = percent === null ? Infinity : percent / 100;
  }

  /** What the next model may take of what is free, bytes. Pure but for what `take` has noted. */
  left({ gpus, memoryBytes }: Pick<Machine, "gpus" | "memoryBytes">, freeBytes: number): Bytes {
    const cards = gpus.reduce((sum, gpu) => ({ free: sum.free + gpu.freeBytes, all: sum.all + gpu.memoryBytes }), {
      free: 0,
      all: 0,
    });
    return {
      card: this.#within(cards.free, cards.all, this.#taken.card),
      main: this.#within(freeBytes, memoryBytes, this.#taken.main),
    };
  }

  /** Notes what a model takes: of the cards first. What it returns takes that back, if the model could not start. */
  take(needBytes: number, left: Bytes): () => void {
    const card = Math.min(needBytes, left.card);
    this.#taken.card += card;
    this.#taken.main += needBytes - card;
    return () => {
      this.#taken.card -= card;
      this.#taken.main -= needBytes - card;
    };
  }

  #within(free: number, all: number, taken: number): number {
    // An unknown size, 0, allows nothing of itself.
    const allowed = all === 0 ? 0 : all * this.#share - taken;
    return Math.floor(Math.max(0, Math.min(free, allowed)));
  }
}
