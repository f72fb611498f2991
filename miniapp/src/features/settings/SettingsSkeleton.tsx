import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useT } from "../../lib/app-context.ts";

/** The screen's layout while the person's choices are loading. */
export function SettingsSkeleton() {
  const t = useT();
  return (
    <Loading label={t("app.loading")}>
      <Section title={<Skeleton width="8em" />}>
        <Cell title={<Skeleton width="40%" />} after={<Skeleton width="5em" />} />
        <Cell title={<Skeleton width="24%" />} after={<Skeleton width="4em" />} />
      </Section>
      <Section title={t("app.settings.privacy")}>
        <Cell title={<Skeleton height="7em" />} />
      </Section>
    </Loading>
  );
}
