import { IconButton } from "../../components/Button.tsx";
import { useFailed } from "../../components/use-failed.ts";
import type { ThreadMessage } from "../../lib/api.ts";
import { useT } from "../../lib/app-context.ts";
import { useChooseBranch } from "./use-thread.ts";

/** ‹ 2/3 ›: which of several versions of a message is shown, with buttons to the others. */
export function Branches({ message, thread }: { message: ThreadMessage; thread: string }) {
  const t = useT();
  const choose = useChooseBranch(thread);
  const failed = useFailed();
  const { siblings } = message;
  if (siblings.length < 2) return null;
  const at = siblings.indexOf(message.id);
  const go = (to: string | undefined) => to !== undefined && choose.mutate(to, { onError: failed });
  const position = { now: at + 1, all: siblings.length };
  return (
    <div className="branches figures" role="group" aria-label={t("app.chat.versions")}>
      <IconButton
        icon="back"
        label={t("app.chat.version_before")}
        disabled={at <= 0 || choose.isPending}
        onClick={() => go(siblings[at - 1])}
      />
      <span aria-label={t("app.chat.version", position)}>{`${position.now}/${position.all}`}</span>
      <IconButton
        icon="forward"
        label={t("app.chat.version_after")}
        disabled={at >= siblings.length - 1 || choose.isPending}
        onClick={() => go(siblings[at + 1])}
      />
    </div>
  );
}
