import { useEffect, useRef, useState } from "react";
import { TITLE_CHARS_MAX } from "@starai/protocol/text-limits";
import { Button } from "../../components/Button.tsx";
import { Input } from "../../components/Input.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import { useChangeThread } from "../../data/use-thread-facts.ts";
import { useT } from "../../lib/app-context.ts";

/** A sheet that renames a chat. */
export function RenameThread({
  thread: { id, title },
  onClose,
}: {
  thread: { id: string; title: string };
  onClose: () => void;
}) {
  const t = useT();
  const [name, setName] = useState(title);
  const field = useRef<HTMLInputElement>(null);
  // Runs after the sheet's dialog has focused its first button.
  useEffect(() => field.current?.select(), []);
  const rename = useChangeThread(id);
  return (
    <Sheet title={t("app.menu.rename")} onClose={onClose}>
      <form
        className="sheet-pad"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") rename.mutate({ title: name.trim() }, { onSuccess: onClose });
        }}
      >
        <Input
          label={t("app.menu.rename_field")}
          ref={field}
          enterKeyHint="done"
          value={name}
          maxLength={TITLE_CHARS_MAX}
          onChange={(event) => setName(event.target.value)}
          foot={t("app.menu.rename_text", { max: TITLE_CHARS_MAX })}
        />
        <div className="button-row">
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button type="submit" look="accent" busy={rename.isPending} disabled={name.trim() === ""}>
            {t("app.persona.save")}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
