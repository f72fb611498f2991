import { useState } from "react";
import { Button } from "../../../components/Button.tsx";
import { Cell } from "../../../components/Cell.tsx";
import { Confirm } from "../../../components/Confirm.tsx";
import { Section } from "../../../components/Section.tsx";
import { useT } from "../../../lib/app-context.ts";
import { isInTime } from "./check-consent.ts";
import { CloseTogether } from "./CloseTogether.tsx";
import { custodyState } from "./custody-state.ts";
import type { EscrowProps } from "./escrow-props.ts";
import { useConsent } from "./use-consent.ts";
import { cancelCloseWish, requestCloseWish, withdrawWish } from "./wishes.ts";

/** The ways out: at once with our consent, or alone after a day. */
export function LeaveCustody(props: EscrowProps) {
  const t = useT();
  const { view, custody } = props;
  const { ask } = custody;
  const [asking, setAsking] = useState<"together" | "alone" | null>(null);
  const consent = useConsent();
  const state = custodyState(view);
  const busy = custody.busy || consent.isPending;
  if (state === "closed" || state === "unopened") return null;
  const agreed = view.blocked === "consented" || isInTime(consent.data?.consent, view);
  return (
    <>
      {agreed && <CloseTogether {...props} consent={consent} busy={busy} />}
      <Section title={t("wallet.custody.leave")} foot={t("wallet.custody.leave_foot")}>
        {state === "ripe" && (
          <div className="sheet-pad">
            <Button look="accent" wide busy={ask.isPending} disabled={busy} onClick={() => ask.mutate(withdrawWish)}>
              {t("wallet.custody.act.withdraw")}
            </Button>
          </div>
        )}
        {!agreed && (
          <Cell
            title={<span className="coins-link">{t("wallet.custody.together")}</span>}
            detail={t("wallet.custody.together_about")}
            disabled={busy}
            onClick={() => setAsking("together")}
          />
        )}
        {state === "open" ? (
          <Cell
            title={<span className="coins-link">{t("wallet.custody.act.request_close")}</span>}
            detail={t("wallet.custody.alone_about")}
            disabled={busy}
            onClick={() => setAsking("alone")}
          />
        ) : (
          <Cell
            title={<span className="coins-link">{t("wallet.custody.act.cancel_close")}</span>}
            detail={t("wallet.custody.cancel_about")}
            disabled={busy}
            onClick={() => ask.mutate(cancelCloseWish)}
          />
        )}
      </Section>
      {asking !== null && (
        <Confirm
          title={t(asking === "together" ? "wallet.custody.together" : "wallet.custody.act.request_close")}
          text={t(`wallet.custody.${asking}_text`)}
          action={t(asking === "together" ? "wallet.custody.together_button" : "wallet.custody.in_wallet")}
          onConfirm={() => {
            setAsking(null);
            if (asking === "together") consent.mutate();
            else ask.mutate(requestCloseWish);
          }}
          onClose={() => setAsking(null)}
        />
      )}
    </>
  );
}
