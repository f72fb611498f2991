import type { PoolModelStatus } from "@starai/protocol/pool-status";
import { useLanguage, useT } from "../lib/app-context.ts";
import { contextSize, figure } from "../lib/figures.ts";

interface ModelFactsProps {
  /** Null while no machine serves it. */
  online: PoolModelStatus | null;
  /** The context its file allows; machines may allow less. */
  contextTokens: number;
}

/** The facts for choosing a model, in one line: machines, speed, context. */
export function ModelFacts({ online, contextTokens }: ModelFactsProps) {
  const t = useT();
  const language = useLanguage();
  const context = t("app.models.context", { size: contextSize(online?.contextTokens ?? contextTokens) });
  if (online === null) return context;
  const machines = t("app.models.machines", { count: online.workers });
  const pace = online.decodeTokensPerS;
  const speed = pace === null ? [] : [t("app.models.speed", { speed: figure(pace, language) })];
  return <span className="figures">{[machines, ...speed, context].join(" · ")}</span>;
}
