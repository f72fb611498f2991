import { useEffect } from "react";
import { useApp } from "../../app/app-context.ts";
import { languageOf } from "../../lib/texts.ts";
import { useProfile } from "./use-profile.ts";

/** Speaks the language the person chose, here or on another device; Telegram's where they chose none. */
export function useOwnLanguage(): void {
  const { telegram, texts } = useApp();
  const chosen = useProfile().data?.language.chosen;
  useEffect(() => {
    if (chosen !== undefined) texts.speak(languageOf(chosen ?? telegram.language));
  }, [chosen, telegram, texts]);
}
