import { Suspense, useEffect } from "react";
import type { ReactNode } from "react";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { useFailed } from "./use-failed.ts";

/** Around a menu or a sheet whose code comes when it is opened: what cannot be loaded is told in passing, and closed. */
export function LateOverlay({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  return (
    <ErrorBoundary face={({ error }) => <Told error={error} onClose={onClose} />}>
      <Suspense fallback={null}>{children}</Suspense>
    </ErrorBoundary>
  );
}

function Told({ error, onClose }: { error: unknown; onClose: () => void }) {
  const failed = useFailed();
  useEffect(() => {
    failed(error);
    onClose();
    // Told once, whatever is drawn meanwhile.
    // oxlint-disable-next-line react/exhaustive-deps
  }, []);
  return null;
}
