import { useT } from "../../../app/app-context.ts";
import { useCopy } from "../../../app/use-copy.ts";
import { Icon } from "../../../components/Icon.tsx";
import "./CodeBlock.css";

/** Code scrolls inside its box; its text is copied with one tap. */
export function CodeBlock({ code, language }: { code: string; language: string }) {
  const t = useT();
  const copy = useCopy();
  return (
    <figure className="code-block" dir="ltr">
      <figcaption className="code-head">
        <span>{language}</span>
        <button type="button" onClick={() => void copy(code)} aria-label={t("app.chat.copy_code")}>
          <Icon name="copy" size={18} />
        </button>
      </figcaption>
      <pre tabIndex={0} role="group" aria-label={language === "" ? t("app.chat.code") : language}>
        <code>{code}</code>
      </pre>
    </figure>
  );
}
