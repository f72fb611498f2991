import { useState } from "react";
import { IconButton } from "../../components/Button.tsx";
import { LateOverlay } from "../../components/LateOverlay.tsx";
import { cornerOf } from "../../components/Menu.tsx";
import type { MenuThread, ThreadActionsView } from "../../data/menu-thread.ts";
import { useT } from "../../lib/app-context.ts";

interface ThreadMenuProps {
  thread: MenuThread;
  actions: ThreadActionsView;
  /** Called after the chat was deleted, e.g. to leave its screen. */
  onDeleted?: () => void;
}

/** The ⋯ button of a chat and its menu. */
export function ThreadMenu({ thread, actions: Actions, onDeleted }: ThreadMenuProps) {
  const t = useT();
  const [at, setAt] = useState<{ x: number; y: number } | null>(null);
  return (
    <>
      <IconButton
        icon="more"
        label={t("app.menu.open", { title: thread.title === "" ? t("app.threads.untitled") : thread.title })}
        aria-haspopup="menu"
        onClick={({ currentTarget }) => setAt(cornerOf(currentTarget))}
      />
      {at !== null && (
        <LateOverlay onClose={() => setAt(null)}>
          <Actions thread={thread} at={at} onClose={() => setAt(null)} {...(onDeleted && { onDeleted })} />
        </LateOverlay>
      )}
    </>
  );
}
