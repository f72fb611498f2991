/** The rung of epochs: proofs are asked for by the app and by what brings claims, and their tree is kept once. */
import type { ChainContext } from "../chain/context.ts";
import type { ClaimProofs } from "./claim-proofs.ts";

export interface EarningsContext extends ChainContext {
  readonly proofs: ClaimProofs;
}
