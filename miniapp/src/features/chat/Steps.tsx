/** The steps of an answer: the thought, the tool call with its arguments, and the machine that computed it. */
import { useQuery } from "@tanstack/react-query";
import { isLabel } from "@starai/protocol/runs";
import type { Step } from "@starai/protocol/runs";
import type { Language, Translate } from "@starai/protocol/texts";
import { Button } from "../../components/Button.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { answer } from "../../lib/api.ts";
import { useApi, useLanguage, useT } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";
import "./Steps.css";

/** @param live  the steps so far of a run that is followed; null to read them from the server */
export function Steps({ run, live }: { run: string; live: Step[] | null }) {
  const t = useT();
  const api = useApi();
  const read = useQuery({
    queryKey: keys.run(run),
    queryFn: ({ signal }) => answer(() => api.my.runs[":id"].$get({ param: { id: run } }, { init: { signal } })),
    enabled: live === null,
  });
  const steps: Step[] | undefined = live ?? read.data?.steps;
  if (!steps && read.isError) return <Button onClick={() => void read.refetch()}>{t("app.retry")}</Button>;
  if (!steps)
    return (
      <Loading label={t("app.loading")}>
        <Skeleton width="80%" />
      </Loading>
    );
  return (
    <ol className="steps">
      {steps.map((step) => (
        <StepView key={step.index} step={step} />
      ))}
    </ol>
  );
}

function StepView({ step }: { step: Step }) {
  const t = useT();
  const language = useLanguage();
  return (
    <li className="step">
      {!isLabel(step.thought) && (
        <p className="step-thought" dir="auto">
          {step.thought}
        </p>
      )}
      {step.action.kind === "tool" && (
        <dl className="step-call">
          <dt>{step.action.tool}</dt>
          <dd>
            <Pre text={JSON.stringify(step.action.args, null, 1)} label={t("app.chat.step.arguments")} />
          </dd>
          {step.observation && (
            <>
              <dt className={step.observation.ok ? "" : "step-failed"}>
                {t(step.observation.ok ? "app.chat.step.result" : "app.chat.step.failed")}
              </dt>
              <dd>
                <Pre text={step.observation.text} label={t("app.chat.step.result")} />
              </dd>
            </>
          )}
        </dl>
      )}
      {step.action.kind === "ask_user" && <p>{t("steps.asked", { question: step.action.question })}</p>}
      <p className="step-made figures">{madeBy(step, t, language).join(" · ")}</p>
    </li>
  );
}

/** Results come from tools and web pages: shown as plain text, whatever is in them. */
function Pre({ text, label }: { text: string; label: string }) {
  return (
    <pre className="step-text" tabIndex={0} role="group" aria-label={label} dir="auto">
      {text}
    </pre>
  );
}

function madeBy(step: Step, t: Translate, language: Language): string[] {
  const number = (value: number) => new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(value);
  const parts = [step.model];
  if (step.worker !== null) parts.push(t("app.chat.step.machine", { machine: step.worker.slice(0, 8) }));
  if (step.attempts > 1) parts.push(t("steps.moved", { count: step.attempts - 1 }));
  parts.push(
    t("app.chat.step.tokens", { read: number(step.promptTokens), written: number(step.completionTokens) }),
    t("app.chat.seconds", { seconds: number(step.elapsedMs / 1_000) }),
  );
  if (step.elapsedMs > 0 && step.completionTokens > 0)
    parts.push(t("app.chat.speed", { speed: number((step.completionTokens * 1_000) / step.elapsedMs) }));
  return parts;
}
