import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { useT } from "../../lib/app-context.ts";
import { useNow } from "../../lib/use-now.ts";
import { HistoryRow } from "./HistoryRow.tsx";
import { HistorySkeleton } from "./HistorySkeleton.tsx";
import { useHistory } from "./use-history.ts";

const SHOWN = 4;

/** The latest entries of the history and the way to the rest. */
export function RecentHistory({ coin }: { coin: string }) {
  const t = useT();
  const now = useNow();
  const { entries, error, retry } = useHistory();
  if (entries === undefined)
    return error === null ? (
      <HistorySkeleton />
    ) : (
      <Section title={t("wallet.history.title")}>
        <Cell title={t("wallet.history.failed")} detail={t("wallet.failed")} />
        <Cell title={<span className="wallet-link">{t("app.retry")}</span>} onClick={retry} />
      </Section>
    );
  return (
    <Section title={t("wallet.history.title")}>
      {entries.length === 0 && <Cell title={t("wallet.history.empty")} detail={t("wallet.history.empty_text")} />}
      {entries.slice(0, SHOWN).map((entry) => (
        <HistoryRow key={entry.id} entry={entry} coin={coin} now={now} />
      ))}
      {entries.length > 0 && <Cell title={t("wallet.history.all")} href="/wallet/history" />}
    </Section>
  );
}
