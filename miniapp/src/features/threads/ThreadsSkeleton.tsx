import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useT } from "../../lib/app-context.ts";

const ROWS = ["60%", "45%", "72%", "38%", "66%", "52%"];

/** The list's layout while it is loading. */
export function ThreadsSkeleton() {
  const t = useT();
  return (
    <Loading label={t("app.loading")}>
      <div className="threads-day">
        <div className="threads-heading">
          <Skeleton width="4em" />
        </div>
        <ul className="threads-card">
          {ROWS.map((width) => (
            <li key={width} className="thread-row">
              <span className="thread-row-link">
                <span className="thread-row-top">
                  <Skeleton width={width} />
                </span>
                <Skeleton width="86%" height="0.8em" />
              </span>
            </li>
          ))}
        </ul>
      </div>
    </Loading>
  );
}
