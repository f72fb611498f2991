import { useApp, useT } from "../lib/app-context.ts";
import { copyText } from "../lib/copy-text.ts";
import { useToast } from "./Toast.tsx";

/** Copies a text and shows a toast with the outcome. */
export function useCopy(): (text: string) => Promise<void> {
  const t = useT();
  const { telegram } = useApp();
  const toast = useToast();
  return async (text) => {
    const done = await copyText(text);
    telegram.haptic(done ? "done" : "failed");
    toast({ text: t(done ? "app.copied" : "app.copy_failed") });
  };
}
