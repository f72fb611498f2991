import { useT } from "../../lib/app-context.ts";
import "./EmptyThread.css";

const SUGGESTIONS = [
  "app.chat.suggestion.explain",
  "app.chat.suggestion.count",
  "app.chat.suggestion.write",
  "app.chat.suggestion.time",
] as const;

/** Shown in a conversation without messages: suggested questions, one tap each. */
export function EmptyThread({ onChoose }: { onChoose: (text: string) => void }) {
  const t = useT();
  return (
    <div className="empty-thread">
      <h2>{t("app.chat.empty")}</h2>
      <p>{t("app.chat.empty_text")}</p>
      <ul>
        {SUGGESTIONS.map((key) => (
          <li key={key}>
            <button type="button" onClick={() => onChoose(t(key))}>
              {t(key)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
