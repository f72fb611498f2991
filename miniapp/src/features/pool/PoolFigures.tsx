import { Cell } from "../../components/Cell.tsx";
import { FigureTile } from "../../components/FigureTile.tsx";
import { Section } from "../../components/Section.tsx";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { compact, figure } from "../../lib/figures.ts";
import type { PoolNow } from "./use-pool.ts";

/** The pool's current figures. */
export function PoolFigures({ pool }: { pool: PoolNow }) {
  const t = useT();
  const language = useLanguage();
  const slots = pool.models.reduce((sum, model) => sum + model.slots, 0);
  const free = pool.models.reduce((sum, model) => sum + model.freeSlots, 0);
  return (
    <>
      <dl className="pool-figures figures">
        <FigureTile value={figure(pool.tokensPerS, language)} name={t("app.pool.now")} />
        <FigureTile value={compact(pool.workersOnline, language)} name={t("app.pool.workers")} />
        <FigureTile value={compact(pool.answersToday, language)} name={t("app.pool.answers")} />
      </dl>
      <Section title={t("app.pool.load")}>
        <div className="pool-load">
          <div className="pool-load-words">
            {slots === 0 ? t("app.pool.load_none") : t("app.pool.load_slots", { busy: slots - free, all: slots })}
          </div>
          <meter min={0} max={Math.max(1, slots)} value={slots - free} aria-label={t("app.pool.load")} />
        </div>
        <Cell title={t("app.pool.running")} after={compact(pool.running, language)} />
        <Cell title={t("app.pool.waiting")} after={compact(pool.queued, language)} />
      </Section>
    </>
  );
}
