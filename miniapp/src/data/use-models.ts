/** The catalogue with what the pool offers of it now. */
import { useQuery } from "@tanstack/react-query";
import { answer } from "../lib/api.ts";
import { useApi } from "../lib/app-context.ts";
import { keys } from "../lib/query-client.ts";

/** Workers come and go; this often is soon enough to choose by. */
const RENEWED_EVERY_MS = 10_000;

export function useModels() {
  const api = useApi();
  return useQuery({
    queryKey: keys.models,
    queryFn: ({ signal }) => answer(() => api.models.$get({}, { init: { signal } })),
    refetchInterval: RENEWED_EVERY_MS,
  });
}

export type ModelChoices = NonNullable<ReturnType<typeof useModels>["data"]>;
export type ModelChoice = ModelChoices["models"][number];

/** A model's name for people; its id until the names are there. */
export function useModelName(): (id: string | undefined) => string {
  const { data } = useModels();
  return (id) => data?.models.find((model) => model.id === id)?.name ?? id ?? "…";
}
