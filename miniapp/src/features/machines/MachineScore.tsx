import type { MachineRecord } from "@starai/protocol/contributor";
import { Button } from "../../components/Button.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { FactList } from "./FactList.tsx";
import { useRecord } from "./use-record.ts";

/** A machine's score with what lowered it, and what its slowness cost. */
export function MachineScore({ worker }: { worker: string }) {
  const t = useT();
  const { data, refetch, isError } = useRecord(worker);
  return (
    <>
      <h3>{t("machines.record")}</h3>
      {data !== undefined ? (
        <Score record={data} />
      ) : isError ? (
        <>
          <p role="status">{t("machines.record_failed")}</p>
          <Button onClick={() => void refetch()}>{t("app.retry")}</Button>
        </>
      ) : (
        <Loading label={t("app.loading")}>
          <Skeleton width="70%" />
        </Loading>
      )}
    </>
  );
}

function Score({ record: { attempts, done, lost, slow, score } }: { record: MachineRecord }) {
  const t = useT();
  const language = useLanguage();
  const number = (value: number) => new Intl.NumberFormat(language).format(value);
  const percent = (value: number) =>
    new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(value);
  if (attempts === 0) return <p className="machine-hint">{t("machines.record_none")}</p>;
  return (
    <>
      <FactList
        facts={[
          [t("machines.record.score"), score === null ? "—" : percent(score)],
          [t("machines.record.done"), t("machines.record.of", { done: number(done), all: number(attempts) })],
          [t("machines.record.slow"), number(slow.attempts)],
          [t("machines.record.withheld"), percent(slow.withheld)],
        ]}
      />
      <p className="machine-hint">{t("machines.record_about")}</p>
      <h3>{t("machines.lost")}</h3>
      {lost.length === 0 ? (
        <p className="machine-hint">{t("machines.lost_none")}</p>
      ) : (
        <FactList facts={lost.map(({ why, count }) => [t(`machine.lost.${why}`), number(count)])} />
      )}
    </>
  );
}
