/** The contributors' rung of the contexts. */
import type { ChainContext } from "../chain/context.ts";
import type { OwnerCodes } from "./owner-codes.ts";
import type { WrongCodes } from "./wrong-codes.ts";

export interface ContributorContext extends ChainContext {
  readonly wrongCodes: WrongCodes;
  /** By which machines become somebody's as they join. */
  readonly ownerCodes: OwnerCodes;
}
