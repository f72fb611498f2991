import { useT } from "../lib/app-context.ts";
import { Button } from "./Button.tsx";
import { Sheet } from "./Sheet.tsx";

interface ConfirmProps {
  title: string;
  /** What will happen, and what cannot be taken back. */
  text: string;
  action: string;
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** A sheet that asks for confirmation before an action that cannot be undone. */
export function Confirm({ title, text, action, busy = false, onConfirm, onClose }: ConfirmProps) {
  const t = useT();
  return (
    <Sheet title={title} onClose={onClose}>
      <div className="sheet-pad">
        <p>{text}</p>
        <div className="button-row">
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button look="danger" busy={busy} onClick={onConfirm}>
            {action}
          </Button>
        </div>
      </div>
    </Sheet>
  );
}
