import type { ReactNode } from "react";

/** Names and values, one a line; on a narrow screen a long value goes below its name. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="coins-facts">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="figures">{children}</dd>
    </div>
  );
}
