import { useEffect } from "react";
import { languageOf } from "@starai/protocol/texts";
import { useProfile } from "../../data/use-profile.ts";
import { useApp } from "../../lib/app-context.ts";

/** Sets the language the person chose, here or on another device; Telegram's if they chose none. */
export function useOwnLanguage(): void {
  const { telegram, texts } = useApp();
  const chosen = useProfile().data?.language.chosen;
  useEffect(() => {
    if (chosen !== undefined) texts.speak(languageOf(chosen ?? telegram.language));
  }, [chosen, telegram, texts]);
}
