/** The person's chats, updated live: newest first under their days, searched while typing; and the archived ones. */
import { use, useState } from "react";
import { Button, IconButton } from "../../components/Button.tsx";
import { Failed } from "../../components/Failed.tsx";
import { Menu, cornerOf } from "../../components/Menu.tsx";
import { PaneContext } from "../../components/pane-context.ts";
import { Placeholder } from "../../components/Placeholder.tsx";
import { Screen } from "../../components/Screen.tsx";
import type { ThreadActionsView } from "../../data/menu-thread.ts";
import { useT } from "../../lib/app-context.ts";
import { ChosenThreads } from "./ChosenThreads.tsx";
import { SearchField } from "./SearchField.tsx";
import { ThreadList } from "./ThreadList.tsx";
import { ThreadsSkeleton } from "./ThreadsSkeleton.tsx";
import { useNewThread } from "./use-new-thread.ts";
import { useSelection } from "./use-selection.ts";
import { useSettled } from "./use-settled.ts";
import { useThreads } from "./use-threads.ts";
import "./threads.css";

const TYPING_PAUSE_MS = 200;

export function ThreadsScreen({ actions }: { actions: ThreadActionsView }) {
  const t = useT();
  const [search, setSearch] = useState("");
  const [archived, setArchived] = useState(false);
  const { selection, choose, end } = useSelection();
  const list = useThreads(useSettled(search.trim(), TYPING_PAUSE_MS), archived);
  const fresh = useNewThread();
  const show = (archive: boolean) => {
    end();
    setSearch("");
    setArchived(archive);
  };
  const nothing = list.rows?.length === 0;
  return (
    <Screen
      title={t(archived ? "app.threads.archived" : "app.threads.title")}
      actions={
        <>
          <ListMenu onSelect={() => choose([])} onArchived={archived ? null : () => show(true)} />
          {archived ? (
            <IconButton icon="close" label={t("app.threads.all")} onClick={() => show(false)} />
          ) : (
            <IconButton icon="plus" label={t("app.threads.new")} disabled={fresh.isPending} onClick={fresh.begin} />
          )}
        </>
      }
    >
      {!(nothing && search === "" && list.search === "") && <SearchField value={search} onChange={setSearch} />}
      <p className="visually-hidden" role="status">
        {list.search !== "" && list.rows !== undefined && !list.stale
          ? t("app.threads.found", { count: list.rows.length })
          : ""}
      </p>
      {list.rows === undefined ? (
        list.error === null ? (
          <ThreadsSkeleton />
        ) : (
          <Failed
            error={list.error}
            onRetry={list.retry}
            {...(list.search !== "" && { offline: t("app.threads.search_offline") })}
          />
        )
      ) : nothing ? (
        <Nothing search={list.search} archived={archived} onNew={fresh.begin} busy={fresh.isPending} />
      ) : (
        <ThreadList {...list} rows={list.rows} selection={selection} actions={actions} />
      )}
      {selection !== null && (
        <ChosenThreads ids={selection.ids} onAll={() => choose(list.rows?.map(({ id }) => id) ?? [])} onEnd={end} />
      )}
    </Screen>
  );
}

/** The menu of the list itself. */
function ListMenu({ onSelect, onArchived }: { onSelect: () => void; onArchived: (() => void) | null }) {
  const t = useT();
  const [at, setAt] = useState<{ x: number; y: number } | null>(null);
  return (
    <>
      <IconButton
        icon="more"
        label={t("app.threads.menu")}
        aria-haspopup="menu"
        onClick={({ currentTarget }) => setAt(cornerOf(currentTarget))}
      />
      {at !== null && (
        <Menu
          label={t("app.threads.menu")}
          at={at}
          onClose={() => setAt(null)}
          items={[
            { icon: "select", label: t("app.threads.select"), onChoose: onSelect },
            ...(onArchived === null
              ? []
              : [{ icon: "archive" as const, label: t("app.threads.archived"), onChoose: onArchived }]),
          ]}
        />
      )}
    </>
  );
}

interface NothingProps {
  search: string;
  archived: boolean;
  onNew: () => void;
  busy: boolean;
}

function Nothing({ search, archived, onNew, busy }: NothingProps) {
  const t = useT();
  // The screen beside it has the same button.
  const beside = use(PaneContext);
  if (search === "" && archived)
    return (
      <Placeholder icon="archive" title={t("app.threads.archived_empty")} text={t("app.threads.archived_empty_text")} />
    );
  if (search !== "")
    return (
      <Placeholder
        icon="search"
        title={t("app.threads.no_match")}
        text={t("app.threads.no_match_text", { query: search })}
      />
    );
  return (
    <Placeholder
      icon="chats"
      title={t("app.threads.empty")}
      text={t("app.threads.empty_text")}
      action={
        beside ? undefined : (
          <Button look="accent" busy={busy} onClick={onNew}>
            {t("app.threads.new")}
          </Button>
        )
      }
    />
  );
}
