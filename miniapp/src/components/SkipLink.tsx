import { useT } from "../lib/app-context.ts";
import "./SkipLink.css";

/** Seen when a keyboard reaches it: past the list, the header and the messages to what one came for. */
export function SkipLink() {
  const t = useT();
  return (
    <button type="button" className="skip-link" onClick={skip}>
      {t("app.skip")}
    </button>
  );
}

function skip(): void {
  const field = document.querySelector<HTMLElement>(".composer-text");
  (field ?? document.querySelector<HTMLElement>("main"))?.focus();
}
