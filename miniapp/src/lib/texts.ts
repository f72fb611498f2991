/** The words the app says; the language can change while it runs. */
import { translator } from "@starai/protocol/texts";
import type { Language, Translate } from "@starai/protocol/texts";

export interface Texts {
  /** The language spoken now, and its translator; a new object after each change. */
  current: () => { language: Language; t: Translate };
  speak: (language: Language) => void;
  subscribe: (listener: () => void) => () => void;
}

export function createTexts(first: Language): Texts {
  const listeners = new Set<() => void>();
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

/** Says in the page which language it is in, for screen readers. */
function spoken(language: Language) {
  document.documentElement.lang = language;
  return { language, t: translator(language) };
}
