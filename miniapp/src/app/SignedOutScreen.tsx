import { Button } from "../components/Button.tsx";
import { Placeholder } from "../components/Placeholder.tsx";
import { useApp, useT } from "../lib/app-context.ts";

/** Shown once the session has ended: why, that nothing is lost, and that the app must be opened again. */
export function SignedOutScreen({ code }: { code: string }) {
  const t = useT();
  const { telegram } = useApp();
  const deleted = code === "data_deleted";
  const why = code === "session_expired" || code === "replayed" || deleted ? code : "revoked";
  return (
    <main>
      <Placeholder
        icon="person"
        title={t(deleted ? "app.signed_out.data_deleted_title" : "app.signed_out.title")}
        text={t(`app.signed_out.${why}`)}
        action={
          <Button look="accent" wide onClick={telegram.close}>
            {t("app.signed_out.close")}
          </Button>
        }
      />
    </main>
  );
}
