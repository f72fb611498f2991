/** A sheet that chooses how one chat is answered: a preset, custom instructions, or both. */
import { useState } from "react";
import { INSTRUCTIONS_CHARS_MAX } from "@starai/protocol/personas";
import type { Persona } from "@starai/protocol/personas";
import { Button } from "../../components/Button.tsx";
import { Cell } from "../../components/Cell.tsx";
import { Failed } from "../../components/Failed.tsx";
import { TextArea } from "../../components/Input.tsx";
import { PresetList } from "../../components/PresetList.tsx";
import { Section } from "../../components/Section.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useToast } from "../../components/Toast.tsx";
import { useChangeThread, useThreadFacts } from "../../data/use-thread-facts.ts";
import { useT } from "../../lib/app-context.ts";

export function PersonaSheet({ threadId, onClose }: { threadId: string; onClose: () => void }) {
  const t = useT();
  const { data, error, refetch } = useThreadFacts(threadId);
  return (
    <Sheet title={t("app.persona.title")} onClose={onClose}>
      <p className="sheet-pad">{t("app.persona.explained")}</p>
      {data === undefined ? (
        error === null ? (
          <PersonaSkeleton />
        ) : (
          <Failed error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <PersonaForm threadId={threadId} {...data} onClose={onClose} />
      )}
    </Sheet>
  );
}

interface PersonaFormProps {
  threadId: string;
  persona: string | null;
  instructions: string;
  onClose: () => void;
}

function PersonaForm({ threadId, onClose, ...kept }: PersonaFormProps) {
  const t = useT();
  const toast = useToast();
  const [persona, setPersona] = useState(kept.persona);
  const [instructions, setInstructions] = useState(kept.instructions);
  const change = useChangeThread(threadId);
  const left = INSTRUCTIONS_CHARS_MAX - instructions.trim().length;
  const save = () =>
    change.mutate(
      { persona: persona as Persona | null, instructions: instructions.trim() },
      {
        onSuccess: () => {
          toast({ text: t("app.persona.saved") });
          onClose();
        },
      },
    );
  return (
    <>
      <PresetList title={t("app.persona.preset")} chosen={persona} onChoose={setPersona} />
      <div className="sheet-pad persona-own">
        <TextArea
          label={t("app.persona.instructions")}
          placeholder={t("app.persona.instructions_hint")}
          value={instructions}
          onChange={(event) => setInstructions(event.target.value)}
          fault={left < 0 ? t("app.persona.over", { count: -left }) : undefined}
          foot={`${t("app.persona.left", { count: left })}. ${t("app.persona.read")}`}
        />
        <div className="button-row">
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button look="accent" busy={change.isPending} disabled={left < 0} onClick={save}>
            {t("app.persona.save")}
          </Button>
        </div>
      </div>
    </>
  );
}

function PersonaSkeleton() {
  const t = useT();
  return (
    <Loading label={t("app.loading")}>
      <Section title={t("app.persona.preset")}>
        {["30%", "24%", "34%", "28%"].map((width) => (
          <Cell key={width} title={<Skeleton width={width} />} detail={<Skeleton width="70%" height="0.8em" />} />
        ))}
      </Section>
    </Loading>
  );
}
