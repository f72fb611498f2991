/** Who stops a root that lowers a leaf, at whose cost. */
import type { Address } from "@ton/core";
import type { Decrease } from "../challenge.ts";
import type { OutgoingMessage } from "../outgoing.ts";

export interface Challenger {
  /** Whose leaves are looked at before all others'. */
  owners(): readonly Address[];
  /** Stops it, or not. Returns in words what came of it; never throws. */
  challenge(message: OutgoingMessage, found: LoweringRoot): Promise<string>;
}

export interface LoweringRoot {
  readonly decrease: Decrease;
  /** Names this very proposal: one that is repeated after a challenge is another. */
  readonly proposal: string;
}
