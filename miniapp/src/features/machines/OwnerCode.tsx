import { useMutation } from "@tanstack/react-query";
import { Button } from "../../components/Button.tsx";
import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { useCopy } from "../../components/use-copy.ts";
import { useFailed } from "../../components/use-failed.ts";
import { answer } from "../../lib/api.ts";
import { useApi, useT } from "../../lib/app-context.ts";

/** For several machines, or one without a screen: each that starts with this code is the person's at once. */
export function OwnerCode() {
  const t = useT();
  const api = useApi();
  const copy = useCopy();
  const make = useMutation({
    mutationFn: () => answer<{ code: string }>(() => api.my.machines.codes.$post()),
    onError: useFailed(),
  });
  const option = make.data === undefined ? null : `--owner-code ${make.data.code}`;
  return (
    <Section title={t("machines.owner_code")} foot={t("machines.owner_code_foot")}>
      {option !== null && <Cell title={option} detail={t("machines.owner_code_use")} wide />}
      <div className="pair-pad">
        {option === null ? (
          <Button wide busy={make.isPending} onClick={() => make.mutate()}>
            {t("machines.owner_code_make")}
          </Button>
        ) : (
          <Button wide onClick={() => void copy(option)}>
            {t("machines.owner_code_copy")}
          </Button>
        )}
      </div>
    </Section>
  );
}
