/** The pool's page, public: its current figures, its last day, and how to join. */
import { MACHINE_WAIT_MINUTES } from "@starai/protocol/runs";
import { Banner } from "../../components/Banner.tsx";
import { Failed } from "../../components/Failed.tsx";
import { Placeholder } from "../../components/Placeholder.tsx";
import { Screen } from "../../components/Screen.tsx";
import { useSessionState, useT } from "../../lib/app-context.ts";
import JoinPool from "./JoinPool.tsx";
import { PoolFigures } from "./PoolFigures.tsx";
import { PoolGroups } from "./PoolGroups.tsx";
import { PoolHistory } from "./PoolHistory.tsx";
import { PoolModels } from "./PoolModels.tsx";
import { PoolPay } from "./PoolPay.tsx";
import { PoolSkeleton } from "./PoolSkeleton.tsx";
import { usePoolNow } from "./use-pool.ts";
import "./pool.css";

export default function PoolScreen() {
  const t = useT();
  const { data, error, refetch } = usePoolNow();
  // Without a session there are no tabs, so the screen needs its own way back.
  const alone = useSessionState().kind !== "inside";
  return (
    <Screen title={t("app.pool.title")} {...(alone && { back: "/" })}>
      {data === undefined ? (
        error === null ? (
          <PoolSkeleton />
        ) : (
          <Failed error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <>
          {error !== null && <Banner>{t("app.pool.stale")}</Banner>}
          {data.workersOnline === 0 ? (
            <Placeholder
              icon="pool"
              title={t("app.pool.empty")}
              text={t("app.pool.empty_text", { minutes: MACHINE_WAIT_MINUTES })}
            />
          ) : (
            <>
              <p className="pool-explained">{t("app.pool.explained")}</p>
              <PoolFigures pool={data} />
            </>
          )}
          <PoolHistory />
          {data.models.length > 0 && <PoolModels models={data.models} />}
          {data.groups.length > 0 && <PoolGroups groups={data.groups} />}
          <PoolPay />
          <JoinPool />
        </>
      )}
    </Screen>
  );
}
