import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Outcome } from "@starai/protocol/runs";
import type { TextKey, Translate } from "@starai/protocol/texts";
import { Button } from "../../components/Button.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { answer } from "../../lib/api.ts";
import type { RunSummary } from "../../lib/api.ts";
import { useApi, useT } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";
import { isMoneyCode } from "./money-refusal.ts";
import { MoneyRefusal } from "./MoneyRefusal.tsx";

interface OutcomeLineProps {
  outcome: Outcome | null;
  run: RunSummary;
  /** Whether the answer has no text at all. */
  empty: boolean;
  onAgain: () => void;
}

/** How an answer ended, where its text does not show it: failed, with what to do about it, or empty. */
export function OutcomeLine({ outcome, run, empty, onAgain }: OutcomeLineProps) {
  const t = useT();
  if (outcome?.kind === "failed" && isMoneyCode(outcome.code))
    return <MoneyRefusal code={outcome.code} onAgain={onAgain} />;
  if (outcome?.kind === "failed")
    return (
      <div className="outcome outcome-failed" role="group">
        <p>{reasonOf(outcome.code, t)}</p>
        {run.resumable ? <ContinueButton run={run.id} /> : <Button onClick={onAgain}>{t("app.chat.ask_again")}</Button>}
      </div>
    );
  return empty && outcome?.kind !== "stopped" ? <p className="outcome">{t("chat.empty")}</p> : null;
}

function ContinueButton({ run }: { run: string }) {
  const t = useT();
  const api = useApi();
  const client = useQueryClient();
  const go = useMutation({
    mutationFn: () => answer(() => api.my.runs[":id"].continue.$post({ param: { id: run } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.anyThread }),
    onError: useFailed(),
  });
  return (
    <Button busy={go.isPending} onClick={() => go.mutate()}>
      {t("button.continue")}
    </Button>
  );
}

type FailedCode = Extract<Outcome, { kind: "failed" }>["code"];

/** Codes with their own text; all others show "something broke on our side". */
const REASONS: Partial<Record<FailedCode, TextKey>> = {
  no_worker: "outcome.no_worker",
  model_not_found: "outcome.no_worker",
  queue_full: "outcome.queue_full",
  context_overflow: "app.chat.too_long",
  too_large: "app.chat.too_long",
  deadline: "outcome.deadline",
  attempts_exhausted: "outcome.attempts_exhausted",
  output_invalid: "outcome.output_invalid",
  output_truncated: "outcome.output_truncated",
  step_cap: "outcome.step_cap",
  interrupted: "app.chat.interrupted",
};

function reasonOf(code: FailedCode, t: Translate): string {
  return t(REASONS[code] ?? "outcome.internal");
}
