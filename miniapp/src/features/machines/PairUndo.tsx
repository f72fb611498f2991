import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/Button.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { answerOnce } from "../../lib/api.ts";
import { useApi, useT } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";

/** Takes a machine from its owner, who is told first what becomes of its pay. */
export function PairUndo({ worker, onDone }: { worker: string; onDone: () => void }) {
  const t = useT();
  const api = useApi();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const undo = useMutation({
    mutationFn: () => answerOnce(() => api.my.machines[":worker"].$delete({ param: { worker } })),
    onSuccess: onDone,
    onError: useFailed(),
    onSettled: () => client.invalidateQueries({ queryKey: keys.machines }),
  });
  if (!asking)
    return (
      <Button wide onClick={() => setAsking(true)}>
        {t("machines.pair.undo")}
      </Button>
    );
  return (
    <>
      <p>{t("machines.pair.undo_text")}</p>
      <Button look="danger" wide busy={undo.isPending} onClick={() => undo.mutate()}>
        {t("machines.pair.undo")}
      </Button>
    </>
  );
}
