import { Cell } from "../../components/Cell.tsx";
import { Icon } from "../../components/Icon.tsx";
import { Section } from "../../components/Section.tsx";
import { useCopy } from "../../components/use-copy.ts";
import { useT } from "../../lib/app-context.ts";

/** The address for clients of OpenAI's API, and what a refusal for money looks like. */
export function KeyHelp() {
  const t = useT();
  const copy = useCopy();
  const address = `${location.origin}/v1`;
  return (
    <Section title={t("wallet.keys.use")} foot={t("wallet.keys.refused")}>
      <Cell
        title={<span className="keys-code">{address}</span>}
        detail={t("wallet.keys.address")}
        after={<Icon name="copy" size={20} />}
        onClick={() => void copy(address)}
      />
    </Section>
  );
}
