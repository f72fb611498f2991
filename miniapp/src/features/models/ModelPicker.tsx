/** The models to choose from: those online now, with their speed, then the rest. */
import { MACHINE_WAIT_MINUTES } from "@starai/protocol/runs";
import { Cell } from "../../components/Cell.tsx";
import { Failed } from "../../components/Failed.tsx";
import { ModelFacts } from "../../components/ModelFacts.tsx";
import { Placeholder } from "../../components/Placeholder.tsx";
import { Section } from "../../components/Section.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useModels } from "../../data/use-models.ts";
import type { ModelChoice } from "../../data/use-models.ts";
import { useT } from "../../lib/app-context.ts";

interface ModelPickerProps {
  /** Null follows the default. */
  chosen: string | null;
  /** The row that follows the default: what that means, and which model it is now. */
  fallback: { title: string; detail: string };
  disabled: boolean;
  onChoose: (model: string | null) => void;
}

export function ModelPicker({ chosen, fallback, disabled, onChoose }: ModelPickerProps) {
  const t = useT();
  const { data, error, refetch } = useModels();
  if (data === undefined)
    return error === null ? <PickerSkeleton /> : <Failed error={error} onRetry={() => void refetch()} />;
  const online = data.models.filter((model) => model.online !== null);
  const offline = data.models.filter((model) => model.online === null);
  const row = (model: ModelChoice) => (
    <ModelCell key={model.id} model={model} chosen={model.id === chosen} disabled={disabled} onChoose={onChoose} />
  );
  return (
    <>
      <Section>
        <Cell {...fallback} chosen={chosen === null} disabled={disabled} onClick={() => onChoose(null)} />
      </Section>
      {online.length === 0 ? (
        <Placeholder
          icon="pool"
          title={t("app.models.empty")}
          text={t("app.models.empty_text", { minutes: MACHINE_WAIT_MINUTES })}
        />
      ) : (
        <Section title={t("app.models.online")} foot={`${t("app.models.price")}. ${t("app.models.speed_text")}`}>
          {online.map(row)}
        </Section>
      )}
      {offline.length > 0 && (
        <Section title={t("app.models.offline")} foot={t("app.models.offline_text", { minutes: MACHINE_WAIT_MINUTES })}>
          {offline.map(row)}
        </Section>
      )}
    </>
  );
}

interface ModelCellProps {
  model: ModelChoice;
  chosen: boolean;
  disabled: boolean;
  onChoose: (model: string) => void;
}

function ModelCell({ model, chosen, disabled, onChoose }: ModelCellProps) {
  return (
    <Cell
      title={model.name}
      detail={<ModelFacts online={model.online} contextTokens={model.contextTokens} />}
      chosen={chosen}
      disabled={disabled}
      onClick={() => onChoose(model.id)}
    />
  );
}

/** The layout while the models are loading. */
export function PickerSkeleton() {
  const t = useT();
  return (
    <Loading label={t("app.loading")}>
      <Section>
        {["40%", "55%", "48%"].map((width) => (
          <Cell key={width} title={<Skeleton width={width} />} detail={<Skeleton width="80%" height="0.8em" />} />
        ))}
      </Section>
    </Loading>
  );
}
