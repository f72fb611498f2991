import { useSaveFile } from "../../data/use-save-file.ts";
import { useApi } from "../../lib/app-context.ts";

/** All chats in one file, for the person to keep. */
export function useExportEverything() {
  const api = useApi();
  const { save, saving } = useSaveFile();
  const exportAs = (format: "md" | "json") => save(() => api.my.export.$get({ query: { format } }));
  return { exportAs, exporting: saving };
}
