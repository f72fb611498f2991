import { useEffect } from "react";
import { useProfile } from "../features/settings/use-profile.ts";
import { languageOf } from "../lib/texts.ts";
import { useApp } from "./app-context.ts";

/** Speaks the language the person chose, here or on another device; draws nothing. */
export function ChosenLanguage() {
  const { texts, telegram } = useApp();
  const { data } = useProfile();
  useEffect(() => {
    if (data) texts.speak(languageOf(data.language.chosen ?? telegram.language));
  }, [data, texts, telegram]);
  return null;
}
