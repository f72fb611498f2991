import { useCallback, useMemo, useSyncExternalStore } from "react";
import { useToast } from "../../components/Toast.tsx";
import { useApp, useT } from "../../lib/app-context.ts";
import type { Sending } from "../../lib/outbox.ts";

/** The unsent messages of a thread, and adding one; shows a toast when too many are waiting. */
export function useOutbox(thread: string) {
  const t = useT();
  const toast = useToast();
  const { outbox } = useApp();
  const all = useSyncExternalStore(outbox.subscribe, outbox.entries);
  const entries = useMemo(() => all.filter((entry) => entry.thread === thread), [all, thread]);
  const add = useCallback(
    (sending: Sending) => {
      const added = outbox.add(thread, sending);
      if (!added) toast({ text: t("app.chat.outbox_full") });
      return added;
    },
    [outbox, thread, toast, t],
  );
  return { entries, add };
}
