import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useT } from "../../lib/app-context.ts";

/** The layout of a conversation while it is fetched. */
export function ChatSkeleton() {
  const t = useT();
  return (
    <Loading label={t("app.loading")}>
      <div className="chat-skeleton">
        <div className="chat-skeleton-mine">
          <Skeleton width="55%" height="44px" />
        </div>
        <Skeleton width="92%" />
        <Skeleton width="84%" />
        <Skeleton width="40%" />
        <div className="chat-skeleton-mine">
          <Skeleton width="35%" height="44px" />
        </div>
        <Skeleton width="88%" />
        <Skeleton width="62%" />
      </div>
    </Loading>
  );
}
