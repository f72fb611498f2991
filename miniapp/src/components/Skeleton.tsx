import type { ReactNode } from "react";
import "./Skeleton.css";

/** A grey bar in place of text. Sizes are in CSS units; arrange several in the shape of the real layout. */
export function Skeleton({ width = "100%", height = "1em" }: { width?: string; height?: string }) {
  return <span className="skeleton" style={{ width, height }} aria-hidden="true" />;
}

/** Wraps skeletons, which are visual only, and announces the loading once to screen readers. */
export function Loading({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div role="status" aria-busy="true">
      <span className="visually-hidden">{label}</span>
      {children}
    </div>
  );
}
