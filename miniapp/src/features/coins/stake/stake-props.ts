import type { MyStake, StakeView } from "@starai/protocol/contributor";
import type { Chain } from "../../../data/use-chain.ts";
import type { Stake } from "./use-stake.ts";

/** What the parts of the screen share. */
export interface StakeProps {
  chain: Chain;
  mine: MyStake;
  view: StakeView;
  stake: Stake;
}
