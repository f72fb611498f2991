import type { Mutant } from "./mutant.ts";

type Fault = [fault: string, from: string, to: string];

/** Faults in one file of a contract, and the tests that must catch them, the likeliest first. */
export const faults = (contract: string, file: string, tests: readonly string[], list: readonly Fault[]): Mutant[] =>
  list.map(([fault, from, to]) => ({ fault, contract, file, from, to, tests }));
