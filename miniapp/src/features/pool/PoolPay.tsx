import { coinsText } from "@starai/protocol/amounts";
import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { usePoolPay } from "./use-pool.ts";

/** What machines like one's own are paid. Nothing while it is not known: the page says enough without it. */
export function PoolPay() {
  const t = useT();
  const language = useLanguage();
  const { data } = usePoolPay();
  if (data === undefined || data.classes.length === 0) return null;
  const { classes, coin } = data;
  const perHour = (nano: string) =>
    t("app.pool.pay_hour", { amount: coinsText(t, { nano: BigInt(nano), coin, language, round: "down" }) });
  return (
    <Section title={t("app.pool.pay")} foot={t("app.pool.pay_about")}>
      {classes.map(({ kind, name, machines, paidPerHour }) => (
        <Cell
          key={`${kind} ${name}`}
          title={name ?? t(`app.pool.class.${kind}`)}
          detail={t("app.models.machines", { count: machines })}
          after={paidPerHour === null ? t("app.pool.pay_unknown") : perHour(paidPerHour)}
        />
      ))}
    </Section>
  );
}
