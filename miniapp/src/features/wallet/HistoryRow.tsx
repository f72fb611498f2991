import type { Translate } from "@starai/protocol/texts";
import { Cell } from "../../components/Cell.tsx";
import { useMoneySheets } from "../../data/money-sheets.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { changeText, unitText } from "../../lib/money-words.ts";
import { daysBetween } from "../../lib/when.ts";
import type { HistoryEntry } from "./use-history.ts";

interface HistoryRowProps {
  entry: HistoryEntry;
  coin: string;
  /** In a list without days, the day of what is not of today. */
  now?: Date;
}

/** One answer, request or payment, with what it did to the balance; it opens its receipt where it has one. */
export function HistoryRow({ entry, coin, now }: HistoryRowProps) {
  const t = useT();
  const language = useLanguage();
  const open = useMoneySheets();
  const { at, paidWith, amount, receipt } = entry;
  const moment = new Date(at);
  const day = now === undefined || daysBetween(moment, now) === 0 ? {} : ({ day: "numeric", month: "short" } as const);
  const time = new Intl.DateTimeFormat(language, { ...day, hour: "numeric", minute: "2-digit" }).format(moment);
  const free = paidWith === "free" || paidWith === "house";
  return (
    <Cell
      title={titleOf(entry, t)}
      detail={[time, ...(free ? [] : [paidFrom(entry, coin, t)])].join(" · ")}
      after={
        <span className={!free && BigInt(amount) > 0n ? "history-in" : ""}>
          {free ? t("wallet.free.word") : changeText(amount, language)}
        </span>
      }
      {...(receipt !== null && { onClick: () => open({ kind: "receipt", id: receipt }) })}
    />
  );
}

/** Coins of one's own escrow look like others, and are in no balance here. */
function paidFrom({ paidWith }: HistoryEntry, coin: string, t: Translate): string {
  return paidWith === "self_custody" ? `${coin} · ${t("wallet.custody.title")}` : unitText(t, paidWith, coin);
}

function titleOf({ kind, title, amount }: HistoryEntry, t: Translate): string {
  if (kind === "answer") return title ?? t("wallet.receipt.kind.answer");
  if (kind === "request") return title ?? t("wallet.receipt.kind.request");
  if (kind === "withdrawal" && BigInt(amount) > 0n) return t("wallet.history.withdrawal_back");
  return t(`wallet.history.${kind}`);
}
