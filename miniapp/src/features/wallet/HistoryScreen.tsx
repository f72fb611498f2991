/** The whole history: days, receipts, and everything as a file. */
import { IconButton, Button } from "../../components/Button.tsx";
import { Failed } from "../../components/Failed.tsx";
import { Placeholder } from "../../components/Placeholder.tsx";
import { Screen } from "../../components/Screen.tsx";
import { Section } from "../../components/Section.tsx";
import { useMoney } from "../../data/use-money.ts";
import { useSaveFile } from "../../data/use-save-file.ts";
import { useApi, useLanguage, useT } from "../../lib/app-context.ts";
import { useNow } from "../../lib/use-now.ts";
import { historyDays } from "./history-days.ts";
import { HistoryRow } from "./HistoryRow.tsx";
import { HistorySkeleton } from "./HistorySkeleton.tsx";
import { useHistory } from "./use-history.ts";
import type { HistoryEntry } from "./use-history.ts";
import "../../lib/late-texts.ts";
import "./wallet.css";

export default function HistoryScreen() {
  const t = useT();
  const api = useApi();
  const { entries, error, retry, cut, more } = useHistory();
  const { save, saving } = useSaveFile();
  return (
    <Screen
      title={t("wallet.history.title")}
      back="/wallet"
      actions={
        entries !== undefined &&
        entries.length > 0 && (
          <IconButton
            icon="download"
            label={t("wallet.history.csv")}
            disabled={saving}
            onClick={() => save(() => api.my.money["history.csv"].$get())}
          />
        )
      }
    >
      {entries === undefined ? (
        error === null ? (
          <HistorySkeleton />
        ) : (
          <Failed error={error} text={t("wallet.history.failed")} onRetry={retry} />
        )
      ) : entries.length === 0 ? (
        <Placeholder icon="wallet" title={t("wallet.history.empty")} text={t("wallet.history.empty_text")} />
      ) : (
        <>
          <HistoryDays entries={entries} />
          {more.wanted && <OlderEntries {...more} />}
          {cut && <p className="history-cut">{t("wallet.history.cut")}</p>}
        </>
      )}
    </Screen>
  );
}

function HistoryDays({ entries }: { entries: readonly HistoryEntry[] }) {
  const language = useLanguage();
  const now = useNow();
  const coin = useMoney().data?.coin ?? "";
  return historyDays(entries, now, language).map((day) => (
    <Section key={day.heading} title={day.heading}>
      {day.entries.map((entry) => (
        <HistoryRow key={entry.id} entry={entry} coin={coin} />
      ))}
    </Section>
  ));
}

function OlderEntries({ busy, failed, load }: ReturnType<typeof useHistory>["more"]) {
  const t = useT();
  return (
    <div className="history-more" role="status">
      {failed && <p>{t("wallet.history.more_failed")}</p>}
      <Button busy={busy} onClick={load}>
        {t(failed ? "app.retry" : "wallet.history.more")}
      </Button>
    </div>
  );
}
