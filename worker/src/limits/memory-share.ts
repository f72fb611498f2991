/** The part of this machine's memory, and of its cards', that its owner lets models take. */
import type { Machine } from "../machine.ts";

interface Bytes {
  card: number;
  main: number;
}

const UNITS = { MB: 1e6, GB: 1e9, MIB: 2 ** 20, GIB: 2 ** 30 } as const;

/** Bytes of "700MB", "1.5 GB" or "2GiB"; null: it is none of these, or nothing. */
export function parseMemory(text: string): number | null {
  const [, number, unit] = /^(\d{1,6}(?:\.\d{1,3})?) ?(MB|GB|MiB|GiB)$/i.exec(text.trim()) ?? [];
  const bytes = Math.floor(Number(number) * UNITS[unit?.toUpperCase() as keyof typeof UNITS]);
  return bytes > 0 ? bytes : null;
}

export class MemoryShare {
  readonly #share: number;
  readonly #bytesMax: number;
  readonly #taken: Bytes = { card: 0, main: 0 };

  /**
   * @param percent  null: what is free
   * @param limit  what models may take in all, cards and main memory together
   */
  constructor(percent: number | null, limit: { bytesMax?: number | null | undefined } = {}) {
    this.#share = percent === null ? Infinity : percent / 100;
    this.#bytesMax = limit.bytesMax ?? Infinity;
  }

  /** What the next model may take of what is free, bytes. Pure but for what `take` has noted. */
  left({ gpus, memoryBytes }: Pick<Machine, "gpus" | "memoryBytes">, freeBytes: number): Bytes {
    const cards = gpus.reduce((sum, gpu) => ({ free: sum.free + gpu.freeBytes, all: sum.all + gpu.memoryBytes }), {
      free: 0,
      all: 0,
    });
    const inAll = Math.max(0, this.#bytesMax - this.#taken.card - this.#taken.main);
    const card = Math.min(inAll, this.#within(cards.free, cards.all, this.#taken.card));
    return {
      card,
      main: Math.min(inAll - card, this.#within(freeBytes, memoryBytes, this.#taken.main)),
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
