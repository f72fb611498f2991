import type { Message } from "@ton/core";
import type { BlockchainTransaction } from "@ton/sandbox";
import type { TestChain } from "../test-chain.ts";

/**
 * A part of the world for random sequences; all parts share one chain. Calling it deploys what the part needs, once per price list;
 * the chain is reset before every sequence, for which the returned function then starts a `Play`.
 */
export type Part = (chain: TestChain) => Promise<() => Play>;

/** One part in one sequence, with its own model of the expected state. */
export interface Play {
  /** Performs one action that the dice choose: returns a message to send, or null after another one, such as advancing time. */
  act(dice: Dice): Promise<Message | null> | Message | null;
  /** Checks every transaction of the chain in order, also while messages are in flight. @throws when one breaks a law. */
  watch(transaction: BlockchainTransaction): void;
  /** Checks the chain once no message is in flight. @throws when its state is not the expected one. */
  settle(): Promise<void>;
}

/** Choices drawn from a list of numbers, so that a failing sequence shrinks; zeros at its end. */
export class Dice {
  readonly #numbers: number[];

  constructor(numbers: readonly number[]) {
    this.#numbers = [...numbers];
  }

  /** A number below `bound`. */
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

/** Asserts a law. @throws with its text when it does not hold. */
export function must(holds: boolean, law: string): void {
  if (!holds) throw new Error(`broken: ${law}`);
}
