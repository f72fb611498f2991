/** The menu of one chat and the sheets its items open. */
import { useLayoutEffect, useState } from "react";
import { useT } from "../../app/app-context.ts";
import { Menu } from "../../components/Menu.tsx";
import { ThreadModelSheet } from "../models/ModelSheet.tsx";
import { PersonaSheet } from "../persona/PersonaSheet.tsx";
import { ShareSheet } from "../share/ShareSheet.tsx";
import { DeleteThread } from "./DeleteThread.tsx";
import { RenameThread } from "./RenameThread.tsx";
import { useThreadActions } from "./use-thread-actions.ts";

/** As much of a chat as its menu needs. */
export interface MenuThread {
  id: string;
  title: string;
  /** Whether what one writes to the bot goes on in this chat. */
  current: boolean;
  pinned: boolean;
  archived: boolean;
}

interface ThreadActionsProps {
  thread: MenuThread;
  at: { x: number; y: number };
  onClose: () => void;
  onDeleted?: () => void;
}

type Shown = "menu" | "rename" | "model" | "persona" | "share" | "delete" | "nothing";

export default function ThreadActions({ thread, at, onClose, onDeleted }: ThreadActionsProps) {
  const t = useT();
  const [shown, setShown] = useState<Shown>("menu");
  // A menu closes before its item acts; only when no sheet came of it is everything over. At once, as a layout effect: whoever
  // opened the menu again in between would find this one closed for good.
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
