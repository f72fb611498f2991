import { IconButton } from "../../components/Button.tsx";
import { useT } from "../../lib/app-context.ts";

/** A button that scrolls to the newest message. */
export function ScrollToEnd({ onClick }: { onClick: () => void }) {
  const t = useT();
  return <IconButton icon="arrowDown" label={t("app.chat.to_end")} className="to-end" onClick={onClick} />;
}
