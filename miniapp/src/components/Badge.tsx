import type { ReactNode } from "react";
import "./Badge.css";

/** A word or a number in a small pill. */
export function Badge({ look = "plain", children }: { look?: "plain" | "ok" | "warn" | "bad"; children: ReactNode }) {
  return <span className={`badge badge-${look} figures`}>{children}</span>;
}
