import { useState } from "react";
import { useT } from "../../app/app-context.ts";
import { IconButton } from "../../components/Button.tsx";
import { LateOverlay } from "../../components/LateOverlay.tsx";
import { lazyPart } from "../../lib/lazy-part.tsx";
import type { MenuThread } from "./use-thread-actions.ts";

// Its sheets bring the models and personas along: they are fetched when somebody opens a menu.
export const ThreadActions = lazyPart(() => import("./ThreadActions.tsx"));

interface ThreadMenuProps {
  thread: MenuThread;
  /** After it was deleted, e.g. to leave its screen. */
  onDeleted?: () => void;
}

/** The ⋯ of a chat: everything that can be done with it. */
export function ThreadMenu({ thread, onDeleted }: ThreadMenuProps) {
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
          <ThreadActions thread={thread} at={at} onClose={() => setAt(null)} {...(onDeleted && { onDeleted })} />
        </LateOverlay>
      )}
    </>
  );
}

/** Where a menu opens beside its button. */
export function cornerOf(button: HTMLElement): { x: number; y: number } {
  const { right, bottom } = button.getBoundingClientRect();
  return { x: right, y: bottom };
}
