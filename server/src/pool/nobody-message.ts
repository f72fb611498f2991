/** Says why workers that are online are not given a job. */
import type { PoolContext } from "./context.ts";

type Asker = Parameters<PoolContext["registry"]["whyNobody"]>[1];

/** Null where one of them may do it, or none serves the model; see `WorkerRegistry.whyNobody`. */
export function nobodyMessage(
  { registry }: Pick<PoolContext, "registry">,
  model: string,
  { job, withinMs }: { job: Asker; withinMs: number },
): string | null {
  const why = registry.whyNobody(model, job, withinMs);
  if (why === "unstaked")
    return `No machine that gets paid work serves ${model} right now: it takes a stake, which none of those has. Nothing more is charged; choose another model, or ask for this one later.`;
  if (why === "own")
    return `Only your own machines serve ${model} right now, and they do no unpaid work for you. Ask again when others are online, or pay for the answer.`;
  return null;
}
