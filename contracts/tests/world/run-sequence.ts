import type { BlockchainTransaction } from "@ton/sandbox";
import * as fc from "fast-check";
import type { Prices } from "../../chain-config/network-config.ts";
import { TestChain } from "../test-chain.ts";
import { Dice } from "./part.ts";
import type { Part } from "./part.ts";

/** One operation: which part acts, its choices, and how many transactions run before the next operation begins. */
export interface Step {
  part: number;
  choices: number[];
  run: number;
}

/** Twenty to forty operations. `run` is often zero, so that several messages are in flight at once. */
export const sequences: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    part: fc.nat(1000),
    choices: fc.array(fc.nat(1_000_000), { minLength: 8, maxLength: 8 }),
    run: fc.nat(4),
  }),
  { minLength: 20, maxLength: 40 },
);

/**
 * Plays one sequence on a reset chain, interleaving the messages in flight. Returns the op codes of successful transactions.
 * @throws when a law breaks.
 */
export async function runSequence(
  world: Awaited<ReturnType<typeof buildWorld>>,
  steps: readonly Step[],
): Promise<number[]> {
  const { chain } = world;
  await chain.loadFrom(world.beginning);
  const plays = world.parts.map((begin) => begin());
  const books = await chain.openBooks();
  const inFlight: AsyncIterator<BlockchainTransaction>[] = [];
  let watched = 0;

  const advance = async (flow: number) => {
    const { done } = (await inFlight[flow]?.next()) ?? { done: true };
    if (done) inFlight.splice(flow, 1);
    for (const transaction of books.transactions.slice(watched)) for (const play of plays) play.watch(transaction);
    watched = books.transactions.length;
  };
  for (const { part, choices, run } of steps) {
    const message = await plays[part % plays.length]?.act(new Dice(choices));
    if (message) inFlight.push(await chain.sendMessageIter(message, { allowParallel: true }));
    for (let done = 0; done < run && inFlight.length > 0; done++) await advance((part + done) % inFlight.length);
  }
  while (inFlight.length > 0) await advance(0);
  books.close();
  const accepted = books.transactions.flatMap(({ description, inMessage }) => {
    const body = inMessage?.body.beginParse();
    const done = description.type === "generic" && !description.aborted;
    return done && body && body.remainingBits >= 32 ? [body.loadUint(32)] : [];
  });
  for (const play of plays) await play.settle();
  return accepted;
}

/** A chain with every part built on it, and the state to reset it to. */
export async function buildWorld(prices: Prices, parts: readonly Part[]) {
  const chain = await TestChain.open({ prices });
  const built: Awaited<ReturnType<Part>>[] = [];
  for (const part of parts) built.push(await part(chain));
  return { chain, parts: built, beginning: chain.snapshot() };
}
