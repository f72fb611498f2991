import { Link } from "wouter";
import { Button } from "../../components/Button.tsx";
import { Placeholder } from "../../components/Placeholder.tsx";
import { useCopy } from "../../components/use-copy.ts";
import { useApp, useT } from "../../lib/app-context.ts";

/** Shown for a chat that was deleted on another device or was never this person's. Its draft can be kept. */
export function DeletedThread({ id }: { id: string }) {
  const t = useT();
  const copy = useCopy();
  const draft = useApp().drafts.read(id);
  return (
    <Placeholder
      icon="trash"
      title={t("app.chat.deleted")}
      text={t("app.chat.deleted_text")}
      action={
        <>
          {draft !== "" && <Button onClick={() => void copy(draft)}>{t("app.chat.copy_draft")}</Button>}
          <Link className="button button-accent" href="/">
            {t("app.chat.to_chats")}
          </Link>
        </>
      }
    />
  );
}
