import { Suspense, useEffect } from "react";
import type { ReactNode } from "react";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { useFailed } from "./use-failed.ts";

/** Wraps a menu or a sheet whose code is loaded when it is opened: a failure to load shows a toast and closes it. */
export function LateOverlay({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  return (
    <ErrorBoundary face={({ error }) => <LoadFailed error={error} onClose={onClose} />}>
      <Suspense fallback={null}>{children}</Suspense>
    </ErrorBoundary>
  );
}

function LoadFailed({ error, onClose }: { error: unknown; onClose: () => void }) {
  const failed = useFailed();
  useEffect(() => {
    failed(error);
    onClose();
    // Runs once, however often this is rendered.
    // oxlint-disable-next-line react/exhaustive-deps
  }, []);
  return null;
}
