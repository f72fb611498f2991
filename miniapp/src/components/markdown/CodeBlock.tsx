import { useState } from "react";
import { useApp, useT } from "../../lib/app-context.ts";
import { saveFile } from "../../lib/save-file.ts";
import { Icon } from "../Icon.tsx";
import type { IconName } from "../Icon.tsx";
import { useCopy } from "../use-copy.ts";
import { useFailed } from "../use-failed.ts";
import { CodeText } from "./CodeText.tsx";
import { fileNameOf } from "./languages.ts";
import "./CodeBlock.css";

interface CodeBlockProps {
  code: string;
  language: string;
  /** Whether it is still being written: colours and saving wait for its end. */
  writing?: boolean;
}

/** A box of code that scrolls or wraps, with buttons to copy and save it. */
export function CodeBlock({ code, language, writing = false }: CodeBlockProps) {
  const t = useT();
  const copy = useCopy();
  const failed = useFailed();
  const { telegram } = useApp();
  const [wrapped, setWrapped] = useState(false);
  const save = () => {
    telegram.haptic("tap");
    saveFile(new File([code], fileNameOf(language), { type: "text/plain" })).catch(failed);
  };
  return (
    <figure className="code-block" dir="ltr">
      <figcaption className="code-head">
        <span className="code-language">{language}</span>
        <CodeButton
          icon="wrap"
          label={t("app.chat.wrap_code")}
          pressed={wrapped}
          onClick={() => setWrapped(!wrapped)}
        />
        {!writing && <CodeButton icon="download" label={t("app.chat.save_code")} onClick={save} />}
        <CodeButton icon="copy" label={t("app.chat.copy_code")} onClick={() => void copy(code)} />
      </figcaption>
      <pre
        className={wrapped ? "code-wrapped" : undefined}
        tabIndex={0}
        role="group"
        aria-label={language === "" ? t("app.chat.code") : language}
      >
        {writing ? <code>{code}</code> : <CodeText code={code} language={language} />}
      </pre>
    </figure>
  );
}

interface CodeButtonProps {
  icon: IconName;
  label: string;
  pressed?: boolean;
  onClick: () => void;
}

function CodeButton({ icon, label, pressed, onClick }: CodeButtonProps) {
  return (
    <button type="button" onClick={onClick} aria-label={label} title={label} aria-pressed={pressed}>
      <Icon name={icon} size={18} />
    </button>
  );
}
