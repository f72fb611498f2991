import { useEffect, useRef } from "react";
import { SEARCH_CHARS_MAX } from "@starai/protocol/text-limits";
import { IconButton } from "../../components/Button.tsx";
import { Icon } from "../../components/Icon.tsx";
import { useT } from "../../lib/app-context.ts";
import { takeSearchFocusRequest } from "./search-focus.ts";
import "../../components/Input.css";

/** The search field; Escape and the cross clear it. */
export function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useT();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (takeSearchFocusRequest()) field.current?.focus();
  }, []);
  const clear = () => {
    onChange("");
    field.current?.focus();
  };
  return (
    <search className="search-field">
      <Icon name="search" size={18} />
      <input
        ref={field}
        className="input"
        type="search"
        enterKeyHint="search"
        dir="auto"
        maxLength={SEARCH_CHARS_MAX}
        aria-label={t("app.threads.search")}
        placeholder={t("app.threads.search")}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && value !== "") clear();
          if (event.key === "Enter") field.current?.blur();
        }}
      />
      {value !== "" && <IconButton icon="close" label={t("app.threads.search_clear")} onClick={clear} />}
    </search>
  );
}
