/** Every word the app says, by key, from the catalogues shared with the bot; the language can change while it runs. */
import { createInstance } from "i18next";
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import ru from "@starai/protocol/locales/ru.json" with { type: "json" };

export const LANGUAGES = ["en", "ru"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Keys of both catalogues, without the endings i18next puts on for counts. */
export type TextKey = WithoutPlural<keyof typeof en>;
type WithoutPlural<Key extends string> = Key extends `${infer Stem}_${"one" | "few" | "many" | "other"}` ? Stem : Key;

export type Translate = (key: TextKey, values?: Record<string, string | number>) => string;

export interface Texts {
  /** The language spoken now, and its translator; a new object after each change. */
  current: () => { language: Language; t: Translate };
  speak: (language: Language) => void;
  subscribe: (listener: () => void) => () => void;
}

export function createTexts(first: Language): Texts {
  const catalogue = createInstance();
  void catalogue.init({
    initAsync: false,
    resources: { en: { translation: en }, ru: { translation: ru } },
    fallbackLng: "en",
    supportedLngs: [...LANGUAGES],
    keySeparator: false,
    nsSeparator: false,
    // React escapes.
    interpolation: { escapeValue: false },
  });
  const listeners = new Set<() => void>();
  const spoken = (language: Language) => {
    const translate = catalogue.getFixedT(language);
    const t: Translate = (key, values = {}) => translate(key, values);
    document.documentElement.lang = language;
    return { language, t };
  };
  let now = spoken(first);
  return {
    current: () => now,
    speak: (language) => {
      if (language === now.language) return;
      now = spoken(language);
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The language to speak to someone whose Telegram is set to `code`; English where we have no other. */
export function languageOf(code: string | undefined): Language {
  const primary = code?.toLowerCase().split("-")[0];
  return LANGUAGES.find((language) => language === primary) ?? "en";
}
