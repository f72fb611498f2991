import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { PairingOffer } from "@starai/protocol/contributor";
import { Button } from "../../components/Button.tsx";
import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { useMoney } from "../../data/use-money.ts";
import { answerOnce } from "../../lib/api.ts";
import { useApi, useLanguage, useT } from "../../lib/app-context.ts";
import { amountText } from "../../lib/money-words.ts";
import { keys } from "../../lib/query-client.ts";

interface PairOfferProps {
  code: string;
  offer: PairingOffer;
  onPaired: () => void;
  /** It is another machine. */
  onOther: () => void;
}

/** Which machine it is, before anybody says that it is theirs. */
export function PairOffer({ code, offer: { worker, name, earned }, onPaired, onOther }: PairOfferProps) {
  const t = useT();
  const language = useLanguage();
  const api = useApi();
  const client = useQueryClient();
  const coin = useMoney().data?.coin;
  const pair = useMutation({
    mutationFn: () => answerOnce(() => api.my.machines.$post({ json: { code } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.machines });
      onPaired();
    },
    onError: useFailed(),
  });
  return (
    <>
      <Section title={t("machines.pair.is_it")} foot={t("machines.pair.offer_foot")}>
        <Cell title={name} detail={t("machines.pair.key", { key: worker.slice(0, 8) })} wide />
        {earned !== "0" && coin !== undefined && (
          <Cell
            title={t("machines.pair.earned")}
            after={amountText(t, { nano: earned, paidWith: "coin", coin }, { language, round: "down" })}
          />
        )}
      </Section>
      <div className="pair-pad">
        <Button look="accent" wide busy={pair.isPending} onClick={() => pair.mutate()}>
          {t("machines.pair.confirm")}
        </Button>
        <Button wide disabled={pair.isPending} onClick={onOther}>
          {t("machines.pair.other")}
        </Button>
      </div>
    </>
  );
}
