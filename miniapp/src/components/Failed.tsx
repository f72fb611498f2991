import { ServerRefused } from "@starai/server/client";
import { useT } from "../lib/app-context.ts";
import { PartMissing } from "../lib/fetch-part.ts";
import { useOnline } from "../lib/use-online.ts";
import { Button } from "./Button.tsx";
import { Placeholder } from "./Placeholder.tsx";

interface FailedProps {
  error: unknown;
  onRetry: () => void;
  /** What the failure means here, e.g. for the person's money. */
  text?: string;
  /** What being offline means here, if it is more than an empty screen. */
  offline?: string;
}

/** The failed face of a screen: what happened, and one button that retries. */
export function Failed({ error, onRetry, text, offline }: FailedProps) {
  const t = useT();
  const online = useOnline();
  const refused = error instanceof ServerRefused && !error.mayPass;
  const replaced = error instanceof PartMissing && error.replaced;
  return (
    <Placeholder
      icon="warning"
      title={t(online ? "app.failed.title" : "app.offline.title")}
      text={
        refused
          ? error.message
          : online
            ? replaced
              ? t("app.failed.replaced")
              : (text ?? t("app.failed.text"))
            : (offline ?? t("app.offline.text"))
      }
      action={
        <Button look="accent" onClick={onRetry}>
          {t("app.retry")}
        </Button>
      }
    />
  );
}
