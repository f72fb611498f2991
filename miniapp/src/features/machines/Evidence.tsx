import { useState } from "react";
import { Button } from "../../components/Button.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useCopy } from "../../components/use-copy.ts";
import { useT } from "../../lib/app-context.ts";
import { readable } from "./machine-words.ts";
import { useEvidence } from "./use-evidence.ts";

/** What a slash is proposed for, once it is asked for: readable here, and to be copied as the text that the hash is of. */
export function Evidence({ slash, hash }: { slash: string; hash: string }) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="machine-evidence" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("machines.evidence")}</summary>
      <p className="machine-hint">{t("machines.evidence_about")}</p>
      <p className="machine-code">{hash}</p>
      {isOpen && <Text slash={slash} />}
    </details>
  );
}

function Text({ slash }: { slash: string }) {
  const t = useT();
  const copy = useCopy();
  const { data, isError, refetch } = useEvidence(slash);
  if (data !== undefined)
    return (
      <>
        <pre className="machine-code" tabIndex={0} role="group" aria-label={t("machines.evidence")}>
          {readable(data.text)}
        </pre>
        <Button onClick={() => void copy(data.text)}>{t("machines.evidence_copy")}</Button>
      </>
    );
  if (isError)
    return (
      <>
        <p role="status">{t("machines.evidence_failed")}</p>
        <Button onClick={() => void refetch()}>{t("app.retry")}</Button>
      </>
    );
  return (
    <Loading label={t("app.loading")}>
      <Skeleton width="80%" />
    </Loading>
  );
}
