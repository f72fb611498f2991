import { Cell } from "../../components/Cell.tsx";
import { ModelFacts } from "../../components/ModelFacts.tsx";
import { Section } from "../../components/Section.tsx";
import { useT } from "../../lib/app-context.ts";
import type { PoolNow } from "./use-pool.ts";

/** The models served now, with their machines and speed. */
export function PoolModels({ models }: { models: PoolNow["models"] }) {
  const t = useT();
  return (
    <Section title={t("app.pool.models")} foot={`${t("app.models.price")}. ${t("app.models.speed_text")}`}>
      {models.map((model) => (
        <Cell
          key={model.id}
          title={model.name}
          detail={<ModelFacts online={model} contextTokens={model.contextTokens} />}
        />
      ))}
    </Section>
  );
}
