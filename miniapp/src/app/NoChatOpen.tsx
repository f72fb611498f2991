import { Button } from "../components/Button.tsx";
import { Placeholder } from "../components/Placeholder.tsx";
import { Screen } from "../components/Screen.tsx";
import { useNewThread } from "../features/threads/use-new-thread.ts";
import { useT } from "../lib/app-context.ts";

/** Shown beside the list of chats while no chat is open. */
export function NoChatOpen() {
  const t = useT();
  const { begin, isPending } = useNewThread();
  return (
    <Screen title={t("app.threads.title")} titleHidden>
      <Placeholder
        icon="chats"
        title={t("app.threads.none_open")}
        text={t("app.threads.none_open_text")}
        action={
          <Button look="accent" busy={isPending} onClick={begin}>
            {t("app.threads.new")}
          </Button>
        }
      />
    </Screen>
  );
}
