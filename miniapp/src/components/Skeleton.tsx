import type { ReactNode } from "react";
import "./Skeleton.css";

/** A grey bar where words will be. Sizes in CSS units; put several into the shape of the real layout. */
export function Skeleton({ width = "100%", height = "1em" }: { width?: string; height?: string }) {
  return <span className="skeleton" style={{ width, height }} aria-hidden="true" />;
}

/** Says once to screen readers that something loads, around skeletons that only show it. */
export function Loading({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div role="status" aria-busy="true">
      <span className="visually-hidden">{label}</span>
      {children}
    </div>
  );
}
