import { coinsText } from "@starai/protocol/amounts";
import { Cell } from "../../components/Cell.tsx";
import { ModelFacts } from "../../components/ModelFacts.tsx";
import { Section } from "../../components/Section.tsx";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { usePoolPay } from "./use-pool.ts";
import type { PoolNow } from "./use-pool.ts";

/** The models served now, with their machines and speed. */
export function PoolModels({ models }: { models: PoolNow["models"] }) {
  const t = useT();
  const language = useLanguage();
  const { data: pay } = usePoolPay();
  const priceOf = (id: string) => {
    const answer = pay?.prices.find(({ model }) => model === id)?.answer ?? null;
    if (pay === undefined || answer === null) return undefined;
    return `≈ ${coinsText(t, { nano: BigInt(answer), coin: pay.coin, language, round: "up" })}`;
  };
  return (
    <Section title={t("app.pool.models")} foot={`${t("app.pool.price")} ${t("app.models.speed_text")}`}>
      {models.map((model) => (
        <Cell
          key={model.id}
          title={model.name}
          detail={<ModelFacts online={model} contextTokens={model.contextTokens} />}
          after={priceOf(model.id)}
        />
      ))}
    </Section>
  );
}
