import { useCallback, useEffect, useId, useRef, useState } from "react";
import { useRoute } from "wouter";
import { Button } from "../../components/Button.tsx";
import { LateOverlay } from "../../components/LateOverlay.tsx";
import type { ThreadActionsView } from "../../data/menu-thread.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { useNow } from "../../lib/use-now.ts";
import { shortWhen } from "../../lib/when.ts";
import { groupByDay } from "./group-by-day.ts";
import type { Day } from "./group-by-day.ts";
import { ThreadRow } from "./ThreadRow.tsx";
import type { OpenedMenu } from "./ThreadRow.tsx";
import type { Selection } from "./use-selection.ts";
import type { Thread } from "./use-threads.ts";

interface ThreadListProps {
  rows: Thread[];
  /** The rows are results of an earlier search; the new one is in progress. */
  stale: boolean;
  /** The selected rows; null outside selection mode, when a tap opens a chat. */
  selection: Selection | null;
  more: { wanted: boolean; busy: boolean; failed: boolean; load: () => void };
  /** The menu of one row. */
  actions: ThreadActionsView;
}

export function ThreadList({ rows, stale, selection, more, actions: Actions }: ThreadListProps) {
  const language = useLanguage();
  const now = useNow();
  // One menu for the whole list, so that it stays open when its chat moves to another day.
  const [menu, setMenu] = useState<OpenedMenu | null>(null);
  const [, opened] = useRoute("/chats/:id");
  const closeMenu = useCallback(() => setMenu(null), []);
  return (
    <div className={stale ? "threads-stale" : undefined} aria-busy={stale}>
      {groupByDay(rows, now, language).map((day) => (
        <DayOfThreads
          key={day.heading ?? ""}
          day={day}
          now={now}
          language={language}
          selection={selection}
          opened={opened?.id ?? null}
          onMenu={setMenu}
        />
      ))}
      {more.wanted && <OlderThreads {...more} />}
      {menu !== null && (
        <LateOverlay onClose={closeMenu}>
          <Actions key={menu.thread.id} thread={menu.thread} at={menu.at} onClose={closeMenu} />
        </LateOverlay>
      )}
    </div>
  );
}

interface DayOfThreadsProps {
  day: Day<Thread>;
  now: Date;
  language: string;
  selection: Selection | null;
  /** Id of the chat open beside the list. */
  opened: string | null;
  onMenu: (menu: OpenedMenu) => void;
}

function DayOfThreads({ day, now, language, selection, opened, onMenu }: DayOfThreadsProps) {
  const t = useT();
  const id = useId();
  return (
    <section className="threads-day" aria-labelledby={id}>
      <h2 id={id} className="threads-heading">
        {day.heading ?? t("app.threads.pinned")}
      </h2>
      <ul className="threads-card">
        {day.rows.map((thread) => (
          <ThreadRow
            key={thread.id}
            thread={thread}
            when={shortWhen(new Date(thread.updatedAt), now, language)}
            chosen={selection?.ids.has(thread.id) ?? null}
            onChoose={selection?.toggle ?? null}
            opened={thread.id === opened}
            onMenu={onMenu}
          />
        ))}
      </ul>
    </section>
  );
}

/** Loads the next page a screen before it is reached; also a button, for the keyboard and after a failure. */
function OlderThreads({ busy, failed, load }: ThreadListProps["more"]) {
  const t = useT();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null || busy || failed) return undefined;
    const near = new IntersectionObserver(([entry]) => entry?.isIntersecting === true && load(), {
      rootMargin: "100% 0px",
    });
    near.observe(element);
    return () => near.disconnect();
  }, [busy, failed, load]);
  return (
    <div ref={place} className="threads-older" role="status">
      {failed && <p>{t("app.threads.more_failed")}</p>}
      <Button busy={busy} onClick={load}>
        {t(failed ? "app.retry" : "app.threads.more")}
      </Button>
    </div>
  );
}
