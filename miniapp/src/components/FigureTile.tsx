import { Skeleton } from "./Skeleton.tsx";
import "./FigureTile.css";

/** One of the few figures that a screen begins with, in a `dl`. */
export function FigureTile({ value, name }: { value: string; name: string }) {
  return (
    <div className="figure-tile">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

export function FigureTileSkeleton() {
  return (
    <div className="figure-tile">
      <Skeleton width="80%" height="var(--caption)" />
      <Skeleton width="60%" height="var(--figure)" />
    </div>
  );
}
