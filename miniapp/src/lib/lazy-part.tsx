/** `React.lazy` for unreliable networks: a part that failed to load is requested again when it is rendered again. */
import { use } from "react";
import type { ComponentType } from "react";
import { fetchPart } from "./fetch-part.ts";

/** A failure is kept this long, so that everything waiting for the part sees it; a later render requests it again. */
const FAILURE_KEPT_MS = 1_000;

type Load<Props> = () => Promise<{ default: ComponentType<Props> }>;
export type Part<Props> = ComponentType<Props> & {
  /** Loads the part before it is needed. Never rejects: a failure shows when the part is rendered. */
  prefetch: () => Promise<void>;
};

const forgetFailed = new Set<() => void>();

/** Makes a component that is loaded when it is first rendered; needs a Suspense and an ErrorBoundary above it. */
export function lazyPart<Props extends object>(load: Load<Props>): Part<Props> {
  let loading: Promise<ComponentType<Props>> | null = null;
  let loaded: ComponentType<Props> | null = null;

  function startLoading(): Promise<ComponentType<Props>> {
    const answer = fetchPart(load).then((module) => (loaded = module.default));
    const forget = () => {
      if (loading === answer) loading = null;
      forgetFailed.delete(forget);
    };
    answer.catch(() => {
      forgetFailed.add(forget);
      setTimeout(forget, FAILURE_KEPT_MS);
    });
    return answer;
  }

  function LazyPart(props: Props) {
    const Loaded = loaded ?? use((loading ??= startLoading()));
    return <Loaded {...props} />;
  }
  return Object.assign(LazyPart, {
    prefetch: async () => {
      if (loaded === null && loading === null)
        await load().then(
          (module) => void (loaded = module.default),
          () => undefined,
        );
    },
  });
}

/** Drops all kept failures, so that the next render requests the failed parts again. */
export function retryFailedParts(): void {
  for (const forget of forgetFailed) forget();
}
