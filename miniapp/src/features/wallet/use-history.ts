/** What was paid, credited and spent, newest first, page by page. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { answer } from "../../lib/api.ts";
import { useApi } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";

/** Further back than anybody scrolls; the file has everything. A change asks for all shown pages again. */
export const HISTORY_PAGES_MAX = 40;

export function useHistory() {
  const api = useApi();
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage, isFetchNextPageError } =
    useInfiniteQuery({
      queryKey: keys.moneyHistory,
      queryFn: ({ pageParam, signal }) =>
        answer(() =>
          api.my.money.history.$get({ query: pageParam === null ? {} : { before: pageParam } }, { init: { signal } }),
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (page, pages) => (pages.length < HISTORY_PAGES_MAX ? page.next : null),
    });
  const pages = data?.pages ?? [];
  return {
    entries: data && pages.flatMap(({ entries }) => entries),
    error,
    retry: () => void refetch(),
    /** Whether there is more than the app shows. */
    cut: pages.length === HISTORY_PAGES_MAX && pages.at(-1)?.next !== null,
    more: {
      wanted: hasNextPage,
      busy: isFetchingNextPage,
      failed: isFetchNextPageError,
      load: () => void fetchNextPage(),
    },
  };
}

export type HistoryEntry = NonNullable<ReturnType<typeof useHistory>["entries"]>[number];
