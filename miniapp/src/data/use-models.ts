/** The catalogue of models with what the pool serves of it now. */
import { useQuery } from "@tanstack/react-query";
import { answer } from "../lib/api.ts";
import { useApi } from "../lib/app-context.ts";
import { keys } from "../lib/query-client.ts";

/** Refresh interval: workers come and go, and this is recent enough to choose a model. */
const REFRESH_EVERY_MS = 10_000;

export function useModels() {
  const api = useApi();
  return useQuery({
    queryKey: keys.models,
    queryFn: ({ signal }) => answer(() => api.models.$get({}, { init: { signal } })),
    refetchInterval: REFRESH_EVERY_MS,
  });
}

export type ModelChoices = NonNullable<ReturnType<typeof useModels>["data"]>;
export type ModelChoice = ModelChoices["models"][number];

/** A model's display name; its id until the names are loaded. */
export function useModelName(): (id: string | undefined) => string {
  const { data } = useModels();
  return (id) => data?.models.find((model) => model.id === id)?.name ?? id ?? "…";
}
