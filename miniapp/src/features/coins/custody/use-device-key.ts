/** The key of this device for an escrow. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { useCustodyMark } from "../../../data/custody-mark.ts";
import { useApp } from "../../../lib/app-context.ts";
import { hexOf } from "../../../lib/hex.ts";
import { canKeepKeys, deviceKey, makeDeviceKey } from "./device-key.ts";

export interface DeviceKey {
  /** Whether this browser can make such keys. */
  readonly canSign: boolean;
  /** Hex; null where none was made. */
  readonly key: string | null;
}

export function useDeviceKey(escrow: string | undefined) {
  const { telegram } = useApp();
  const { person } = telegram;
  const client = useQueryClient();
  const { mark } = useCustodyMark();
  const queryKey = ["device-key", person, escrow];
  const { data } = useQuery<DeviceKey>({
    enabled: escrow !== undefined,
    queryKey,
    queryFn: async () => {
      if (!(await canKeepKeys())) return { canSign: false, key: null };
      const key = await deviceKey({ person, escrow: escrow! });
      return { canSign: true, key: key && hexOf(key.publicKey) };
    },
    staleTime: Infinity,
  });
  const make = useCallback(
    async (at: string) => {
      const { publicKey } = await makeDeviceKey({ person, escrow: at });
      client.setQueryData<DeviceKey>(["device-key", person, at], { canSign: true, key: hexOf(publicKey) });
      mark();
      return publicKey;
    },
    [client, person, mark],
  );
  return { found: data, make };
}
