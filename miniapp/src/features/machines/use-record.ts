import { useQuery } from "@tanstack/react-query";
import type { MachineRecord } from "@starai/protocol/contributor";
import { answer } from "../../lib/api.ts";
import { useApi } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";

/** How a machine did in the last seven days. Asked where somebody opens it, not with all machines: each costs a look at its attempts. */
export function useRecord(worker: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.machineRecord(worker),
    queryFn: ({ signal }) =>
      answer<MachineRecord>(() => api.my.machines[":worker"].record.$get({ param: { worker } }, { init: { signal } })),
  });
}
