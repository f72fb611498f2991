import { accountMutants } from "./account.ts";
import { distributorMutants } from "./distributor.ts";
import { fundsMutants } from "./funds.ts";
import type { Mutant } from "./mutant.ts";

/** Every seeded fault of every contract. */
export const allMutants: readonly Mutant[] = [...fundsMutants, ...accountMutants, ...distributorMutants];
