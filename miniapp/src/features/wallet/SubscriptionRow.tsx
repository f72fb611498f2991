import { useMutation, useQueryClient } from "@tanstack/react-query";
import { SUBSCRIPTION } from "@starai/protocol/money";
import type { Subscription } from "@starai/protocol/money";
import { useState } from "react";
import { Cell } from "../../components/Cell.tsx";
import { Confirm } from "../../components/Confirm.tsx";
import { Section } from "../../components/Section.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { answer } from "../../lib/api.ts";
import { useApi, useLanguage, useT } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";

/** The subscription and its end; while it is active, cancelling it. */
export function SubscriptionRow({ subscription: { state, stars, paidUntil } }: { subscription: Subscription }) {
  const t = useT();
  const language = useLanguage();
  const [asking, setAsking] = useState(false);
  const cancel = useCancelSubscription(() => setAsking(false));
  const until = new Intl.DateTimeFormat(language, { day: "numeric", month: "long" }).format(new Date(paidUntil));
  const price = t("wallet.pack", { count: stars, stars: new Intl.NumberFormat(language).format(stars) });
  return (
    <Section title={t("wallet.subscription")}>
      <Cell
        title={t("wallet.top_up.every", { price, days: SUBSCRIPTION.days })}
        detail={t(`wallet.subscription.${state}`, { until })}
      />
      {state === "active" && <Cell danger title={t("wallet.subscription.cancel")} onClick={() => setAsking(true)} />}
      {asking && (
        <Confirm
          title={t("wallet.subscription.cancel_title")}
          text={t("wallet.subscription.cancel_text", { until })}
          action={t("wallet.subscription.cancel")}
          busy={cancel.isPending}
          onConfirm={() => cancel.mutate()}
          onClose={() => setAsking(false)}
        />
      )}
    </Section>
  );
}

function useCancelSubscription(onCancelled: () => void) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => answer(() => api.my.stars.subscription.$delete()),
    onSuccess: (money) => {
      client.setQueryData(keys.moneyNow, money);
      onCancelled();
    },
    onError: useFailed(),
  });
}
