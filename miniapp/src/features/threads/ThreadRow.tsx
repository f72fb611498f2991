import { memo } from "react";
import { Link } from "wouter";
import { Badge } from "../../components/Badge.tsx";
import { IconButton } from "../../components/Button.tsx";
import { Icon } from "../../components/Icon.tsx";
import { cornerOf } from "../../components/Menu.tsx";
import { useT } from "../../lib/app-context.ts";
import { plainText } from "../../lib/plain-text.ts";
import type { Thread } from "./use-threads.ts";

export interface OpenedMenu {
  thread: Thread;
  at: { x: number; y: number };
}

interface ThreadRowProps {
  thread: Thread;
  when: string;
  /** Whether this chat is selected; null outside selection mode. */
  chosen: boolean | null;
  onChoose: ((id: string) => void) | null;
  /** Whether it is open beside the list. */
  opened: boolean;
  onMenu: (menu: OpenedMenu) => void;
}

/** One chat: its name, when it was last used, and its last message or the search hit. */
export const ThreadRow = memo(function ThreadRow({ thread, when, chosen, onChoose, opened, onMenu }: ThreadRowProps) {
  const t = useT();
  const title = thread.title === "" ? t("app.threads.untitled") : thread.title;
  const words = <Words thread={thread} title={title} when={when} />;
  if (onChoose !== null)
    return (
      <li className="thread-row">
        <label className="thread-row-choice">
          <input type="checkbox" checked={chosen === true} onChange={() => onChoose(thread.id)} aria-label={title} />
          <span className="thread-row-link">{words}</span>
        </label>
      </li>
    );
  return (
    <li className="thread-row">
      <Link href={`/chats/${thread.id}`} className="thread-row-link" aria-current={opened ? "page" : undefined}>
        {words}
      </Link>
      <IconButton
        icon="more"
        label={t("app.menu.open", { title })}
        aria-haspopup="menu"
        onClick={({ currentTarget }) => onMenu({ thread, at: cornerOf(currentTarget) })}
      />
    </li>
  );
});

function Words({ thread, title, when }: { thread: Thread; title: string; when: string }) {
  const t = useT();
  return (
    <>
      <span className="thread-row-top">
        <span className="thread-row-title" dir="auto">
          {title}
        </span>
        {thread.pinned && <Icon name="pin" size={15} />}
        <time className="thread-row-when figures" dateTime={thread.updatedAt}>
          {when}
        </time>
      </span>
      <span className="thread-row-below">
        <Said thread={thread} />
        {thread.current && <Badge>{t("app.threads.current")}</Badge>}
        {thread.archived && <Badge>{t("app.threads.archived_badge")}</Badge>}
      </span>
    </>
  );
}

function Said({ thread: { match, runningRun, snippet } }: { thread: Thread }) {
  const t = useT();
  if (match !== null)
    return (
      <span className="thread-row-said" dir="auto">
        {match.excerpt.map((part, index) =>
          // Parts of an excerpt are identified by their index alone.
          part.hit ? <mark key={`${index}`}>{part.text}</mark> : part.text,
        )}
      </span>
    );
  return runningRun === null ? (
    <span className="thread-row-said" dir="auto">
      {plainText(snippet)}
    </span>
  ) : (
    <span className="thread-row-said thread-row-answering">{t("app.threads.answering")}</span>
  );
}
