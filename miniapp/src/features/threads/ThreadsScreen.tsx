/** The person's chats: newest first under their days, searched as one types, live. */
import { useState } from "react";
import { useT } from "../../app/app-context.ts";
import { Button, IconButton } from "../../components/Button.tsx";
import { Failed } from "../../components/Failed.tsx";
import { Placeholder } from "../../components/Placeholder.tsx";
import { Screen } from "../../components/Screen.tsx";
import { SearchField } from "./SearchField.tsx";
import { ThreadList } from "./ThreadList.tsx";
import { ThreadsSkeleton } from "./ThreadsSkeleton.tsx";
import { useNewThread } from "./use-new-thread.ts";
import { useSettled } from "./use-settled.ts";
import { useThreads } from "./use-threads.ts";
import "./threads.css";

const TYPING_PAUSE_MS = 200;

export function ThreadsScreen() {
  const t = useT();
  const [search, setSearch] = useState("");
  const list = useThreads(useSettled(search.trim(), TYPING_PAUSE_MS));
  const fresh = useNewThread();
  const nothing = list.rows?.length === 0;
  return (
    <Screen
      title={t("app.threads.title")}
      actions={<IconButton icon="plus" label={t("app.threads.new")} disabled={fresh.isPending} onClick={fresh.begin} />}
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
          <Failed error={list.error} onRetry={list.retry} />
        )
      ) : nothing ? (
        <Nothing search={list.search} onNew={fresh.begin} busy={fresh.isPending} />
      ) : (
        <ThreadList {...list} rows={list.rows} />
      )}
    </Screen>
  );
}

function Nothing({ search, onNew, busy }: { search: string; onNew: () => void; busy: boolean }) {
  const t = useT();
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
        <Button look="accent" busy={busy} onClick={onNew}>
          {t("app.threads.new")}
        </Button>
      }
    />
  );
}
