import { Link } from "wouter";
import { Placeholder } from "../components/Placeholder.tsx";
import { useBotLink } from "../data/bot-link.ts";
import { useT } from "../lib/app-context.ts";

/** Shown in a browser without Telegram: what the app is, the bot, and the pool's public page. */
export function OutsideScreen() {
  const t = useT();
  const bot = useBotLink();
  return (
    <main>
      <Placeholder
        icon="chats"
        title="StarAI"
        text={t("app.outside.text")}
        action={
          <>
            {bot !== null && (
              <a className="button button-accent button-wide" href={bot}>
                {t("app.outside.open")}
              </a>
            )}
            <Link className="button button-wide" href="/pool">
              {t("app.outside.pool")}
            </Link>
          </>
        }
      />
    </main>
  );
}
