/** Sheets that choose the model of one chat, or of every chat without its own. */
import type { ReactNode } from "react";
import { Failed } from "../../components/Failed.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import { useToast } from "../../components/Toast.tsx";
import { useModelName, useModels } from "../../data/use-models.ts";
import { useChooseModel, useProfile } from "../../data/use-profile.ts";
import { useChangeThread, useThreadFacts } from "../../data/use-thread-facts.ts";
import { useT } from "../../lib/app-context.ts";
import { ModelPicker, PickerSkeleton } from "./ModelPicker.tsx";

/** Chooses the person's default model. */
export function MyModelSheet({ onClose }: { onClose: () => void }) {
  const t = useT();
  const profile = useProfile();
  const choose = useChooseModel();
  const nameOf = useModelName();
  const chosen = useChosen(onClose);
  const standard = useModels().data?.default;
  return (
    <ModelSheet title={t("app.settings.model")} scope={t("app.models.scope_mine")} read={profile} onClose={onClose}>
      <ModelPicker
        chosen={profile.data?.model.chosen === true ? profile.data.model.model : null}
        fallback={{
          title: t("app.models.default"),
          detail: t("app.models.default_text", { name: nameOf(standard) }),
        }}
        disabled={choose.isPending}
        onChoose={(model) => choose.mutate(model, { onSuccess: () => chosen(nameOf(model ?? standard)) })}
      />
    </ModelSheet>
  );
}

/** Chooses the model of one chat. */
export function ThreadModelSheet({ threadId, onClose }: { threadId: string; onClose: () => void }) {
  const t = useT();
  const thread = useThreadFacts(threadId);
  const mine = useProfile().data?.model.model;
  const change = useChangeThread(threadId);
  const nameOf = useModelName();
  const chosen = useChosen(onClose);
  return (
    <ModelSheet title={t("app.models.title")} scope={t("app.models.scope_thread")} read={thread} onClose={onClose}>
      <ModelPicker
        chosen={thread.data?.model ?? null}
        fallback={{ title: t("app.models.mine"), detail: t("app.models.mine_text", { name: nameOf(mine) }) }}
        disabled={change.isPending}
        onChoose={(model) => change.mutate({ model }, { onSuccess: () => chosen(nameOf(model ?? mine)) })}
      />
    </ModelSheet>
  );
}

interface ModelSheetProps {
  title: string;
  scope: string;
  /** The query that reads the current choice. */
  read: { data: unknown; error: Error | null; refetch: () => unknown };
  onClose: () => void;
  children: ReactNode;
}

function ModelSheet({ title, scope, read: { data, error, refetch }, onClose, children }: ModelSheetProps) {
  return (
    <Sheet title={title} onClose={onClose}>
      <p className="sheet-pad">{scope}</p>
      {data !== undefined ? children : error === null ? <PickerSkeleton /> : <Failed error={error} onRetry={refetch} />}
    </Sheet>
  );
}

function useChosen(onClose: () => void): (name: string) => void {
  const t = useT();
  const toast = useToast();
  return (name) => {
    toast({ text: t("app.models.saved", { name }) });
    onClose();
  };
}
