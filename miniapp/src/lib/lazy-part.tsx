/** `React.lazy` for networks that come and go: what could not be loaded is asked for again when it is drawn again. */
import { use } from "react";
import type { ComponentType } from "react";
import { fetchPart } from "./fetch-part.ts";

/** All who wait for a part hear of its failure within this time; whoever draws it later asks anew. */
const FAILED_MS = 1_000;

type Load<Props> = () => Promise<{ default: ComponentType<Props> }>;
export type Part<Props> = ComponentType<Props> & {
  /** Fetches it before it is needed; that it failed is told only to whoever draws it. */
  prefetch: () => Promise<void>;
};

const forgetFailed = new Set<() => void>();

/** Stands in for a component that is loaded when it is first drawn; below a Suspense and an ErrorBoundary. */
export function lazyPart<Props extends object>(load: Load<Props>): Part<Props> {
  let asked: Promise<ComponentType<Props>> | null = null;
  let loaded: ComponentType<Props> | null = null;

  function ask(): Promise<ComponentType<Props>> {
    const answer = fetchPart(load).then((module) => (loaded = module.default));
    const forget = () => {
      if (asked === answer) asked = null;
      forgetFailed.delete(forget);
    };
    answer.catch(() => {
      forgetFailed.add(forget);
      setTimeout(forget, FAILED_MS);
    });
    return answer;
  }

  function LazyPart(props: Props) {
    const Loaded = loaded ?? use((asked ??= ask()));
    return <Loaded {...props} />;
  }
  return Object.assign(LazyPart, {
    prefetch: async () => {
      if (loaded === null && asked === null)
        await load().then(
          (module) => void (loaded = module.default),
          () => undefined,
        );
    },
  });
}

/** For whoever tries again right now: parts that failed are asked for anew. */
export function tryPartsAgain(): void {
  for (const forget of forgetFailed) forget();
}
