import { Link } from "wouter";
import { Placeholder } from "../../components/Placeholder.tsx";
import { useT } from "../../lib/app-context.ts";

/** What comes next: a stake, without which a machine answers for nothing where coins are paid. */
export function PairDone({ name }: { name: string }) {
  const t = useT();
  return (
    <div role="status">
      <Placeholder
        icon="chip"
        title={t("machines.pair.done", { name })}
        text={t("machines.pair.done_text")}
        action={
          <Link href="/machines/stake" className="button button-accent">
            {t("machines.stake")}
          </Link>
        }
      />
    </div>
  );
}
