/** Where this service is found elsewhere: its bot in Telegram, and its code. */
import { useQuery } from "@tanstack/react-query";
import { answer, publicApi } from "../lib/api.ts";
import { keys } from "../lib/query-client.ts";

/** Null until the server has said which bot it is, and where it was not told itself. */
export function useBotLink(): string | null {
  const { data } = useAbout();
  return data === undefined || data.bot === null ? null : `https://t.me/${data.bot}`;
}

/** The git repository that whoever runs this service names; null as above. */
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
