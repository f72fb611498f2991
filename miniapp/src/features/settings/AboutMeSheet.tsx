/** What every answer should know about the person, and the persona of their new chats. */
import { useState } from "react";
import { ABOUT_CHARS_MAX } from "@starai/protocol/personas";
import type { Persona } from "@starai/protocol/personas";
import { Button } from "../../components/Button.tsx";
import { TextArea } from "../../components/Input.tsx";
import { PresetList } from "../../components/PresetList.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import { useToast } from "../../components/Toast.tsx";
import { useTellAboutMe } from "../../data/use-profile.ts";
import type { Profile } from "../../data/use-profile.ts";
import { useT } from "../../lib/app-context.ts";

export function AboutMeSheet({ about, onClose }: { about: Profile["about"]; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const [text, setText] = useState(about.text);
  const [persona, setPersona] = useState(about.persona);
  const tell = useTellAboutMe();
  const left = ABOUT_CHARS_MAX - text.trim().length;
  const save = () =>
    tell.mutate(
      { text: text.trim(), persona: persona as Persona | null },
      {
        onSuccess: () => {
          toast({ text: t("app.settings.about_me_saved") });
          onClose();
        },
      },
    );
  return (
    <Sheet title={t("app.settings.about_me")} onClose={onClose}>
      <div className="sheet-pad">
        <TextArea
          label={t("app.settings.about_me_label")}
          placeholder={t("app.settings.about_me_hint")}
          value={text}
          onChange={(event) => setText(event.target.value)}
          fault={left < 0 ? t("app.persona.over", { count: -left }) : undefined}
          foot={`${t("app.persona.left", { count: left })}. ${t("app.settings.about_me_foot")}`}
        />
      </div>
      <PresetList title={t("app.settings.about_me_persona")} chosen={persona} onChoose={setPersona} />
      <div className="sheet-pad button-row">
        <Button onClick={onClose}>{t("app.cancel")}</Button>
        <Button look="accent" busy={tell.isPending} disabled={left < 0} onClick={save}>
          {t("app.persona.save")}
        </Button>
      </div>
    </Sheet>
  );
}
