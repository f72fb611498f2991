import type { EscrowView } from "@starai/protocol/escrow";
import type { Chain } from "../../../data/use-chain.ts";
import type { Custody } from "./use-custody.ts";
import type { DeviceKey, useDeviceKey } from "./use-device-key.ts";

/** What the parts of the screen share. */
export interface EscrowProps {
  chain: Chain;
  view: EscrowView;
  custody: Custody;
  device: DeviceKey & Pick<ReturnType<typeof useDeviceKey>, "make">;
}
