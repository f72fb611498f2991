/** Where the bot is in Telegram. */
import { useQuery } from "@tanstack/react-query";
import { answer, publicApi } from "../lib/api.ts";
import { keys } from "../lib/query-client.ts";

/** Null until the server has said which bot it is, and where it was not told itself. */
export function useBotLink(): string | null {
  const { data } = useQuery({
    queryKey: keys.about,
    queryFn: ({ signal }) => answer(() => publicApi.about.$get({}, { init: { signal } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data === undefined || data.bot === null ? null : `https://t.me/${data.bot}`;
}
