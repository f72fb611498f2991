/**
 * Every word the app says, by key, from the catalogues shared with the bot; the language can change while it runs.
 * Their form is i18next's, as far as they use it: `{{name}}`, and endings for counts. That much is a dozen lines here,
 * where the library would be 15 KB of the entry.
 */
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
  const listeners = new Set<() => void>();
  const spoken = (language: Language) => {
    document.documentElement.lang = language;
    return { language, t: translator(language) };
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

/** An unknown key is answered with the key itself; React escapes what is filled in. */
export function translator(language: Language): Translate {
  const rules = new Intl.PluralRules(language);
  const texts: Record<string, string> = CATALOGUES[language];
  return (key, values = {}) => {
    const { count } = values;
    const counted =
      typeof count === "number" ? (texts[`${key}_${rules.select(count)}`] ?? texts[`${key}_other`]) : undefined;
    const text = counted ?? texts[key] ?? key;
    return text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => String(values[name] ?? whole));
  };
}

const CATALOGUES = { en, ru };

/** The language to speak to someone whose Telegram is set to `code`; English where we have no other. */
export function languageOf(code: string | undefined): Language {
  const primary = code?.toLowerCase().split("-")[0];
  return LANGUAGES.find((language) => language === primary) ?? "en";
}
