import { ServerRefused } from "@starai/server/client";
import { useT } from "../app/app-context.ts";
import { useOnline } from "../app/use-online.ts";
import { Button } from "./Button.tsx";
import { Placeholder } from "./Placeholder.tsx";

/** The failed face of a screen: what happened in words, and one button that tries again. */
export function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const t = useT();
  const online = useOnline();
  const refused = error instanceof ServerRefused && !error.mayPass;
  return (
    <Placeholder
      icon="warning"
      title={t(online ? "app.failed.title" : "app.offline.title")}
      text={refused ? error.message : t(online ? "app.failed.text" : "app.offline.text")}
      action={
        <Button look="accent" onClick={onRetry}>
          {t("app.retry")}
        </Button>
      }
    />
  );
}
