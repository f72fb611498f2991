import { LANGUAGES } from "@starai/protocol/texts";
import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import { useChooseLanguage } from "../../data/use-profile.ts";
import { useT } from "../../lib/app-context.ts";

/** Each language under its own name, so that people find it without reading the others. */
export const LANGUAGE_NAMES = { en: "English", ru: "Русский" } as const;

export function LanguageSheet({ chosen, onClose }: { chosen: string | null; onClose: () => void }) {
  const t = useT();
  const choose = useChooseLanguage();
  const row = (language: (typeof LANGUAGES)[number] | null) => (
    <Cell
      key={language}
      title={language === null ? t("app.settings.language_auto") : LANGUAGE_NAMES[language]}
      chosen={chosen === language}
      disabled={choose.isPending}
      onClick={() =>
        choose.mutate(language, {
          onSuccess: onClose,
        })
      }
    />
  );
  return (
    <Sheet title={t("app.settings.language")} onClose={onClose}>
      <Section foot={t("app.settings.language_text")}>{[null, ...LANGUAGES].map(row)}</Section>
    </Sheet>
  );
}
