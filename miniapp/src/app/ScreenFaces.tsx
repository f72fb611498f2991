/** The loading and the failed face of a screen that is loaded late, with the screen's title and its way back. */
import { useLocation } from "wouter";
import type { TextKey } from "@starai/protocol/texts";
import { Failed } from "../components/Failed.tsx";
import { Screen } from "../components/Screen.tsx";
import { Loading, Skeleton } from "../components/Skeleton.tsx";
import { useSessionState, useT } from "../lib/app-context.ts";

const NAMES: Record<string, TextKey> = {
  "/": "app.threads.title",
  "/wallet": "wallet.title",
  "/machines": "machines.title",
  "/pool": "app.pool.title",
  "/settings": "app.settings.title",
};

function useFrame() {
  const t = useT();
  const [path] = useLocation();
  const alone = useSessionState().kind !== "inside" || !(path in NAMES);
  return { title: t(NAMES[path] ?? "app.chat.title"), ...(alone && path !== "/" && { back: "/" }) };
}

export function ScreenLoading() {
  const t = useT();
  return (
    <Screen {...useFrame()}>
      <Loading label={t("app.loading")}>
        <div className="screen-loading">
          <Skeleton width="40%" />
          <Skeleton />
          <Skeleton width="80%" />
        </div>
      </Loading>
    </Screen>
  );
}

export function ScreenFailed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <Screen {...useFrame()}>
      <Failed error={error} onRetry={onRetry} />
    </Screen>
  );
}
