import type { Message } from "@ton/core";
import type { BlockchainTransaction } from "@ton/sandbox";
import type { TestChain } from "../test-chain.ts";

/**
 * A part of the world that random sequences play in. All parts live on one chain. `build` deploys what the part needs, once per price list;
 * the chain is wound back before every sequence.
 */
export type Part = (chain: TestChain) => Promise<() => Play>;

/** One part in one sequence, with its own idea of what must be true. */
export interface Play {
  /** Does one thing that the dice choose: returns a message to put on the chain, or null having done something else, such as moved the clock. */
  act(dice: Dice): Promise<Message | null> | Message | null;
  /** Sees every transaction of the chain in the order it happened, also while messages are still under way. Throws where one breaks a law. */
  watch(transaction: BlockchainTransaction): void;
  /** Once nothing is under way. Throws where the chain is not as it must be. */
  settle(): Promise<void>;
}

/** Choices made of a list of numbers, so that a failing sequence shrinks. Runs out into zeros: the first choice, the least amount. */
export class Dice {
  readonly #numbers: number[];

  constructor(numbers: readonly number[]) {
    this.#numbers = [...numbers];
  }

  /** Less than `bound`. */
  number(bound: number): number {
    return (this.#numbers.shift() ?? 0) % bound;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.number(choices.length)] ?? choices[0];
  }

  /** True once in `times`. */
  seldom(times: number): boolean {
    return this.number(times) === times - 1;
  }

  /** A positive amount up to `most` nano units, in thousandths of it. */
  amount(most: bigint): bigint {
    return (most * BigInt(1 + this.number(1000))) / 1000n;
  }
}

/** States a law; throws its name where it does not hold. */
export function must(holds: boolean, law: string): void {
  if (!holds) throw new Error(`broken: ${law}`);
}
