/** One result of comparing what the pool signed, what it published and what the chain has. `unknown`: it could not be compared, and why. */
export interface Finding {
  kind: "good" | "unknown" | "warning";
  text: string;
  /** Told at every look, until somebody has acted or it is too late. */
  isUrgent?: boolean;
}
