/** The actions of a chat's menu that need no sheet; each shows its outcome. */
import { useQueryClient } from "@tanstack/react-query";
import { useToast } from "../../components/Toast.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { useBotLink } from "../../data/bot-link.ts";
import type { MenuThread } from "../../data/menu-thread.ts";
import { useChangeThread } from "../../data/use-thread-facts.ts";
import { answer } from "../../lib/api.ts";
import { useApi, useApp, useT } from "../../lib/app-context.ts";
import { copyText } from "../../lib/copy-text.ts";
import { keys } from "../../lib/query-client.ts";
import { fileOf, saveFile } from "../../lib/save-file.ts";

/** Actions that need the bot's address are null until the server has named its bot. */
export function useThreadActions({ id, title, current, pinned, archived }: MenuThread) {
  const t = useT();
  const api = useApi();
  const client = useQueryClient();
  const { telegram } = useApp();
  const toast = useToast();
  const failed = useFailed();
  const bot = useBotLink();

  const continueInBot = async () => {
    if (!current) {
      await answer(() => api.my.threads[":id"].$patch({ param: { id }, json: { current: true } }));
      await client.invalidateQueries({ queryKey: keys.threads });
    }
    if (bot !== null) telegram.open(bot);
  };
  const copyLink = async () => {
    const copied = await copyText(`${bot}?start=t_${id.replaceAll("-", "")}`);
    toast({ text: t(copied ? "app.menu.copied" : "app.copy_failed") });
  };
  const exportAs = async (format: "md" | "json") => {
    const file = await fileOf(await api.my.threads[":id"].export.$get({ param: { id }, query: { format } }));
    if (await saveFile(file)) toast({ text: t("app.menu.exported", { name: file.name }) });
  };
  const change = useChangeThread(id);
  const archive = async () => {
    await change.mutateAsync({ archived: !archived });
    if (archived) return;
    const undo = { label: t("app.menu.undo"), onClick: () => change.mutate({ archived: false, pinned }) };
    toast({ text: t("app.menu.archived", { title }), action: undo });
  };
  return {
    pin: () => change.mutate({ pinned: !pinned }),
    // The mutation has already shown the failure.
    archive: () => void archive().catch(() => undefined),
    continueInBot: bot === null ? null : () => void continueInBot().catch(failed),
    copyLink: bot === null ? null : () => void copyLink().catch(failed),
    exportAs: (format: "md" | "json") => void exportAs(format).catch(failed),
  };
}
