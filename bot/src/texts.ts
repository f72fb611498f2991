/** Every word the bot says, by key, from the catalogues shared with the Mini App. */
import { createInstance } from "i18next";
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import ru from "@starai/protocol/locales/ru.json" with { type: "json" };

export const LANGUAGES = ["en", "ru"] as const;
export type Language = (typeof LANGUAGES)[number];

/** A text by its key, with its `{{names}}` filled in; an unknown key is answered with the key itself. */
export type Translate = (key: string, values?: Record<string, string | number>) => string;

export interface Texts {
  in(language: Language): Translate;
  has(key: string): boolean;
}

export function createTexts(): Texts {
  const catalogue = createInstance();
  void catalogue.init({
    initAsync: false,
    resources: { en: { translation: en }, ru: { translation: ru } },
    fallbackLng: "en",
    supportedLngs: [...LANGUAGES],
    keySeparator: false,
    nsSeparator: false,
    // Escaping is the business of whoever knows the format: HTML, Markdown or plain.
    interpolation: { escapeValue: false },
  });
  return {
    in: (language) => {
      const translate = catalogue.getFixedT(language);
      return (key, values = {}) => translate(key, values);
    },
    has: (key) => catalogue.exists(key),
  };
}

/** The language to speak to someone whose Telegram is set to `code`; English where we have no other. */
export function languageOf(code: string | undefined): Language {
  const primary = code?.toLowerCase().split("-")[0];
  return LANGUAGES.find((language) => language === primary) ?? "en";
}
