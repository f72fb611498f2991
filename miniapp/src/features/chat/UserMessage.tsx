import { IconButton } from "../../components/Button.tsx";
import { Menu } from "../../components/Menu.tsx";
import { useCopy } from "../../components/use-copy.ts";
import type { ThreadMessage } from "../../lib/api.ts";
import { useT } from "../../lib/app-context.ts";
import { Branches } from "./Branches.tsx";
import { isEmojiOnly } from "./emoji-only.ts";
import { firstWords } from "./first-words.ts";
import { useMessageMenu } from "./use-message-menu.ts";

interface UserMessageProps {
  message: ThreadMessage;
  thread: string;
  onEdit: (message: ThreadMessage) => void;
  onAgain: (message: string) => void;
}

/** A message of the person, as they typed it. */
export function UserMessage({ message, thread, onEdit, onAgain }: UserMessageProps) {
  const t = useT();
  const copy = useCopy();
  const menu = useMessageMenu();
  const menuLabel = t("app.chat.message_menu", { words: firstWords(message.text) });
  return (
    <li className="mine" data-message={message.id} tabIndex={-1} aria-label={t("app.chat.you")} {...menu.handlers}>
      <div className="mine-row">
        <IconButton
          icon="moreUp"
          className="message-more"
          label={menuLabel}
          aria-haspopup="menu"
          onClick={({ currentTarget }) => menu.open(corner(currentTarget))}
        />
        <div className={`bubble ${isEmojiOnly(message.text) ? "bubble-emoji" : ""}`} dir="auto">
          {message.text}
        </div>
      </div>
      <Branches message={message} thread={thread} />
      {menu.at && (
        <Menu
          label={menuLabel}
          at={menu.at}
          onClose={menu.close}
          items={[
            { icon: "copy", label: t("app.chat.copy"), onChoose: () => void copy(message.text) },
            { icon: "edit", label: t("app.chat.edit"), onChoose: () => onEdit(message) },
            { icon: "again", label: t("app.chat.again"), onChoose: () => onAgain(message.id) },
          ]}
        />
      )}
    </li>
  );
}

export function corner(button: HTMLElement): { x: number; y: number } {
  const { left, bottom } = button.getBoundingClientRect();
  return { x: left, y: bottom };
}
