import type { Receipt } from "@starai/protocol/receipts";
import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { useModelName } from "../../data/use-models.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";

/** Which model answered, by its exact file, and when. */
export function ReceiptFacts({ receipt: { model, openedAt, closedAt, kind } }: { receipt: Receipt }) {
  const t = useT();
  const language = useLanguage();
  const nameOf = useModelName();
  const opened = new Date(openedAt);
  const when = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(opened);
  const seconds = (Date.parse(closedAt) - opened.getTime()) / 1_000;
  const took = new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(seconds);
  return (
    <Section>
      <Cell
        title={nameOf(model.id)}
        detail={<span className="receipt-code">{`sha256 ${model.sha256.slice(0, 16)}…`}</span>}
      />
      <Cell title={t(`wallet.receipt.kind.${kind}`)} detail={when} />
      <Cell title={t("wallet.receipt.took")} after={t("app.chat.seconds", { seconds: took })} />
    </Section>
  );
}
