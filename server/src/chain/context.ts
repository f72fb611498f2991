/** The chain's rung of the contexts. */
import type { MoneyContext } from "../billing/context.ts";
import type { ChangeFeed } from "../changes/change-feed.ts";
import type { ChainDoor } from "./chain-door.ts";

export interface ChainContext extends MoneyContext {
  readonly ton: ChainDoor;
  /** Hints to people's open windows that something of theirs changed; wakes the bot, with `{ type: "notices" }`. */
  readonly changes: ChangeFeed;
}
