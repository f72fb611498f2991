/** The app's texts; the language can change while it runs. */
import { translator } from "@starai/protocol/texts";
import type { Language, Translate } from "@starai/protocol/texts";

export interface Texts {
  /** The current language and its translator; a new object after each change. */
  current: () => { language: Language; t: Translate };
  speak: (language: Language) => void;
  subscribe: (listener: () => void) => () => void;
}

export function createTexts(first: Language): Texts {
  const listeners = new Set<() => void>();
  let now = switchTo(first);
  return {
    current: () => now,
    speak: (language) => {
      if (language === now.language) return;
      now = switchTo(language);
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Sets the page's `lang`, for screen readers, and returns the translator. */
function switchTo(language: Language) {
  document.documentElement.lang = language;
  return { language, t: translator(language) };
}
