import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import type { Money } from "../../data/use-money.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { dollarsText } from "../../lib/dollars.ts";
import { spentText } from "../../lib/money-words.ts";

/** What a day and an answer may cost at most, and what was spent of today's; both rows open the sheet that changes them. */
export function LimitRows({ money, onOpen }: { money: Money; onOpen: () => void }) {
  const t = useT();
  const language = useLanguage();
  const { caps, spentToday, rate } = money;
  const spent = spentText(spentToday, rate, { language, round: "up" });
  return (
    <Section title={t("wallet.caps.title")} foot={t("wallet.caps.foot")}>
      <Cell
        title={t("wallet.caps.day")}
        detail={t("wallet.caps.spent", { spent })}
        after={dollarsText(caps.day, language)}
        onClick={onOpen}
      />
      <Cell title={t("wallet.caps.answer")} after={dollarsText(caps.answer, language)} onClick={onOpen} />
    </Section>
  );
}
