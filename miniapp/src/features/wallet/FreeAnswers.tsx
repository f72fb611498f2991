import { Section } from "../../components/Section.tsx";
import type { Money } from "../../data/use-money.ts";
import { useModelName } from "../../data/use-models.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { resetTime } from "../../lib/reset-time.ts";

/** How many answers cost nothing today, and when there are new ones. */
export function FreeAnswers({ money: { free, answer } }: { money: Money }) {
  const t = useT();
  const language = useLanguage();
  const nameOf = useModelName();
  const time = resetTime(new Date(free.resetsAt), language);
  const spent = free.houseIsSpent && free.left > 0;
  return (
    <Section
      title={t("wallet.free.title")}
      foot={free.modelIsFree ? undefined : t("wallet.free.too_large", { model: nameOf(answer.model) })}
    >
      <div className="free">
        <p className="free-left figures">{t("wallet.free.left", { left: free.left, allowed: free.allowed })}</p>
        <meter
          aria-label={t("wallet.free.title")}
          min={0}
          max={Math.max(1, free.allowed)}
          value={spent ? 0 : free.left}
        />
        <p className="free-resets">
          {spent ? t("wallet.free.house_spent", { time }) : t("wallet.free.resets", { allowed: free.allowed, time })}
        </p>
      </div>
    </Section>
  );
}
