/** Links to the service's bot in Telegram and to its source code. */
import { useQuery } from "@tanstack/react-query";
import { answer, publicApi } from "../lib/api.ts";
import { keys } from "../lib/query-client.ts";

/** Null until the server has named its bot, and on a server that has none configured. */
export function useBotLink(): string | null {
  const { data } = useAbout();
  return data === undefined || data.bot === null ? null : `https://t.me/${data.bot}`;
}

/** The git repository configured by the operator; null as above. */
export function useCodeLink(): string | null {
  return useAbout().data?.code ?? null;
}

function useAbout() {
  return useQuery({
    queryKey: keys.about,
    queryFn: ({ signal }) => answer(() => publicApi.about.$get({}, { init: { signal } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
