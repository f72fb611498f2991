import { useMutation } from "@tanstack/react-query";
import { useToast } from "../../components/Toast.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { useApi, useT } from "../../lib/app-context.ts";
import { fileOf, saveFile } from "../../lib/save-file.ts";

/** All chats in one file, for the person to keep. */
export function useExportEverything() {
  const t = useT();
  const api = useApi();
  const toast = useToast();
  const { mutate, isPending } = useMutation({
    mutationFn: async (format: "md" | "json") => {
      const file = await fileOf(await api.my.export.$get({ query: { format } }));
      return (await saveFile(file)) ? file.name : null;
    },
    onSuccess: (name) => name !== null && toast({ text: t("app.menu.exported", { name }) }),
    onError: useFailed(),
  });
  return { exportAs: mutate, exporting: isPending };
}
