import { fundsMutants } from "./funds.ts";
import type { Mutant } from "./mutant.ts";
import { rewardMutants } from "./rewards.ts";

/** Every seeded fault of every contract. */
export const allMutants: readonly Mutant[] = [...fundsMutants, ...rewardMutants];
