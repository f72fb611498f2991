/**
 * Every text people read, by key, from locales/: `{{name}}` is filled in, and a `count` chooses among keys that end in
 * `_one`, `_few`, `_many` and `_other`. Pure.
 */
import en from "./locales/en.json" with { type: "json" };
import ru from "./locales/ru.json" with { type: "json" };

export const LANGUAGES = ["en", "ru"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Keys of both catalogues, without the endings for counts. */
export type TextKey = WithoutPlural<keyof typeof en>;
type WithoutPlural<Key extends string> = Key extends `${infer Stem}_${"one" | "few" | "many" | "other"}`
  ? `${Stem}_other` extends keyof typeof en
    ? Stem
    : Key
  : Key;

/** Values are filled in unescaped: the caller knows the format and escapes them. */
export type Translate = (key: TextKey, values?: Record<string, string | number>) => string;

const CATALOGUES: Record<Language, Record<string, string>> = { en: { ...en }, ru: { ...ru } };

/** Adds texts that a page's first load left out. */
export function addTexts(more: Record<Language, Record<string, string>>): void {
  for (const language of LANGUAGES) Object.assign(CATALOGUES[language], more[language]);
}

export function translator(language: Language): Translate {
  const rules = new Intl.PluralRules(language);
  const texts = CATALOGUES[language];
  return (key, values = {}) => {
    const { count } = values;
    const counted =
      typeof count === "number" ? (texts[`${key}_${rules.select(count)}`] ?? texts[`${key}_other`]) : undefined;
    const text = counted ?? texts[key] ?? key;
    return text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => String(values[name] ?? whole));
  };
}

/** Whether there is such a text, for keys built from outside data. */
export function isTextKey(key: string): key is TextKey {
  return Object.hasOwn(CATALOGUES.en, key);
}

/** The language to speak to someone whose Telegram is set to `code`; English where we have no other. */
export function languageOf(code: string | undefined): Language {
  const primary = code?.toLowerCase().split("-")[0];
  return LANGUAGES.find((language) => language === primary) ?? "en";
}
