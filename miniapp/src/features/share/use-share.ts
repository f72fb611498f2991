/** The share of a chat, if any, and changing it. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useToast } from "../../components/Toast.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { answer } from "../../lib/api.ts";
import { useApi, useApp, useT } from "../../lib/app-context.ts";
import { copyText } from "../../lib/copy-text.ts";
import { keys } from "../../lib/query-client.ts";

export function useShare(thread: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.share(thread),
    queryFn: ({ signal }) =>
      answer(() => api.my.threads[":id"].share.$get({ param: { id: thread } }, { init: { signal } })),
  });
}

export type Share = NonNullable<NonNullable<ReturnType<typeof useShare>["data"]>["share"]>;

export function useShareChange(thread: string) {
  const t = useT();
  const api = useApi();
  const client = useQueryClient();
  const toast = useToast();
  const { telegram } = useApp();
  const onError = useFailed();
  const known = (share: Share | null) => client.setQueryData(keys.share(thread), { share });
  const make = useMutation({
    mutationFn: async (how: "created" | "renewed") => {
      const { share } = await answer(() => api.my.threads[":id"].share.$put({ param: { id: thread } }));
      return { how, share };
    },
    onSuccess: async ({ how, share }) => {
      known(share);
      telegram.haptic("done");
      if (how === "renewed") toast({ text: t("app.share.renewed") });
      // Some browsers copy only within the tap itself; for them the link is shown in the sheet.
      else if (await copyText(linkOf(share.id))) toast({ text: t("app.share.created") });
    },
    onError,
  });
  const end = useMutation({
    mutationFn: () => answer(() => api.my.threads[":id"].share.$delete({ param: { id: thread } })),
    onSuccess: () => {
      known(null);
      toast({ text: t("app.share.ended") });
    },
    onError,
  });
  return { make, end };
}

/** The secret is after the #, so it appears in no server log and in no Referer header. */
export function linkOf(share: string): string {
  const page = new URL("shared.html", location.href);
  page.hash = share;
  return page.href;
}
