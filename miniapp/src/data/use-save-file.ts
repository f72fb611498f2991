/** Saves a file that the server makes, as the export of chats does: shared on phones, downloaded elsewhere. */
import { useMutation } from "@tanstack/react-query";
import { useToast } from "../components/Toast.tsx";
import { useFailed } from "../components/use-failed.ts";
import { useT } from "../lib/app-context.ts";
import { fileOf, saveFile } from "../lib/save-file.ts";

export function useSaveFile() {
  const t = useT();
  const toast = useToast();
  const { mutate, isPending } = useMutation({
    mutationFn: async (ask: () => Promise<Response>) => {
      const file = await fileOf(await ask());
      return (await saveFile(file)) ? file.name : null;
    },
    onSuccess: (name) => name !== null && toast({ text: t("app.menu.exported", { name }) }),
    onError: useFailed(),
  });
  return { save: mutate, saving: isPending };
}
