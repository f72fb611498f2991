import { useMutation } from "@tanstack/react-query";
import { Confirm } from "../../components/Confirm.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { answer } from "../../lib/api.ts";
import { useApi, useApp, useT } from "../../lib/app-context.ts";

/** Ends every session of the person, this one too. */
export function LogOutEverywhere({ onClose }: { onClose: () => void }) {
  const t = useT();
  const api = useApi();
  const { session } = useApp();
  const leave = useMutation({
    mutationFn: () => answer(() => api.session.$delete({ query: { everywhere: "true" } })),
    onSuccess: () => session.end("signed_out"),
    onError: useFailed(),
  });
  return (
    <Confirm
      title={t("app.settings.log_out_title")}
      text={t("app.settings.log_out_text")}
      action={t("app.settings.log_out_button")}
      busy={leave.isPending}
      onConfirm={() => leave.mutate()}
      onClose={onClose}
    />
  );
}
