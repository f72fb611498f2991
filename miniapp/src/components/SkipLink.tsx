import { useT } from "../lib/app-context.ts";
import "./SkipLink.css";

/** A link, visible only with keyboard focus, that skips the list, the header and the messages. */
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
