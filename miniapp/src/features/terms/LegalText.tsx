import type { TextKey } from "@starai/protocol/texts";
import { Screen } from "../../components/Screen.tsx";
import { useSessionState, useT } from "../../lib/app-context.ts";
import "../../lib/late-texts.ts";
import "./terms.css";

interface LegalTextProps {
  title: TextKey;
  /** Headings and their paragraphs. */
  parts: readonly (readonly [TextKey, TextKey])[];
  /** What the paragraphs' placeholders stand for. */
  values?: Record<string, string | number>;
}

/** A plain screen of headings and paragraphs, for people with and without a session. */
export function LegalText({ title, parts, values }: LegalTextProps) {
  const t = useT();
  const inside = useSessionState().kind === "inside";
  return (
    <Screen title={t(title)} back={inside ? "/settings" : "/"}>
      <div className="legal">
        {parts.map(([heading, text]) => (
          <section key={heading}>
            <h2>{t(heading)}</h2>
            <p>{t(text, values)}</p>
          </section>
        ))}
      </div>
    </Screen>
  );
}
