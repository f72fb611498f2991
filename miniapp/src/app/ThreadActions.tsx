/** The menu of one chat and the sheets its items open. */
import { useLayoutEffect, useState } from "react";
import { Menu } from "../components/Menu.tsx";
import type { MenuThread, ThreadActionsProps } from "../data/menu-thread.ts";
import { ThreadModelSheet } from "../features/models/ModelSheet.tsx";
import { PersonaSheet } from "../features/persona/PersonaSheet.tsx";
import { ShareSheet } from "../features/share/ShareSheet.tsx";
import { DeleteThread } from "../features/threads/DeleteThread.tsx";
import { RenameThread } from "../features/threads/RenameThread.tsx";
import { useThreadActions } from "../features/threads/use-thread-actions.ts";
import { useT } from "../lib/app-context.ts";

type Shown = "menu" | "rename" | "model" | "persona" | "share" | "delete" | "nothing";

export default function ThreadActions({ thread, at, onClose, onDeleted }: ThreadActionsProps) {
  const t = useT();
  const [shown, setShown] = useState<Shown>("menu");
  // The menu closes before its item acts, so this closes everything only if no sheet has opened. A layout effect, because it
  // must run before the menu can be opened again.
  useLayoutEffect(() => {
    if (shown === "nothing") onClose();
  }, [shown, onClose]);
  const title = thread.title === "" ? t("app.threads.untitled") : thread.title;
  switch (shown) {
    case "menu":
      return <ActionMenu thread={thread} title={title} at={at} onShow={setShown} />;
    case "rename":
      return <RenameThread thread={thread} onClose={onClose} />;
    case "model":
      return <ThreadModelSheet threadId={thread.id} onClose={onClose} />;
    case "persona":
      return <PersonaSheet threadId={thread.id} onClose={onClose} />;
    case "share":
      return <ShareSheet threadId={thread.id} onClose={onClose} />;
    case "delete":
      return <DeleteThread id={thread.id} title={title} onClose={onClose} {...(onDeleted && { onDeleted })} />;
    case "nothing":
      return null;
  }
}

interface ActionMenuProps {
  thread: MenuThread;
  title: string;
  at: { x: number; y: number };
  onShow: (shown: Shown) => void;
}

function ActionMenu({ thread, title, at, onShow }: ActionMenuProps) {
  const t = useT();
  const { continueInBot, copyLink, exportAs, pin, archive } = useThreadActions(thread);
  return (
    <Menu
      label={t("app.menu.open", { title })}
      at={at}
      onClose={() => onShow("nothing")}
      items={[
        { icon: "pin", label: t(thread.pinned ? "app.menu.unpin" : "app.menu.pin"), onChoose: pin },
        { icon: "archive", label: t(thread.archived ? "app.menu.unarchive" : "app.menu.archive"), onChoose: archive },
        { icon: "edit", label: t("app.menu.rename"), onChoose: () => onShow("rename") },
        { icon: "chip", label: t("app.menu.model"), onChoose: () => onShow("model") },
        { icon: "person", label: t("app.menu.persona"), onChoose: () => onShow("persona") },
        ...(continueInBot === null
          ? []
          : [{ icon: "chats" as const, label: t("app.menu.continue"), onChoose: continueInBot }]),
        ...(copyLink === null ? [] : [{ icon: "copy" as const, label: t("app.menu.link"), onChoose: copyLink }]),
        { icon: "link", label: t("app.menu.share"), onChoose: () => onShow("share") },
        { icon: "download", label: t("app.menu.export_md"), onChoose: () => exportAs("md") },
        { icon: "download", label: t("app.menu.export_json"), onChoose: () => exportAs("json") },
        { icon: "trash", label: t("app.menu.delete"), onChoose: () => onShow("delete"), danger: true },
      ]}
    />
  );
}
