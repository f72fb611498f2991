import { Button } from "../../../components/Button.tsx";
import { Section } from "../../../components/Section.tsx";
import { useLanguage, useT } from "../../../lib/app-context.ts";
import { exactText } from "../../../lib/money-words.ts";
import { momentText } from "../../../lib/when.ts";
import { Fact, Facts } from "../Facts.tsx";
import { isInTime } from "./check-consent.ts";
import type { EscrowProps } from "./escrow-props.ts";
import type { AskConsent } from "./use-consent.ts";
import { closeTogetherWish } from "./wishes.ts";

interface CloseTogetherProps extends EscrowProps {
  consent: AskConsent;
  busy: boolean;
}

/** Our consent with its amounts, to the last digit, before the wallet is asked. */
export function CloseTogether({ chain: { coin }, view, custody: { ask }, consent, busy }: CloseTogetherProps) {
  const t = useT();
  const language = useLanguage();
  const found = consent.data;
  const exact = (nano: bigint) => exactText(t, { nano: String(nano), paidWith: "coin", coin });
  if (view.chain === null) return null;
  const { available, settled } = view.chain;
  if (found === undefined || !isInTime(found.consent, view))
    return (
      <Section title={t("wallet.custody.together")}>
        <div className="coins-progress">
          <p className="coins-hint">{t("wallet.custody.together_again")}</p>
          <Button disabled={busy} busy={consent.isPending} onClick={() => consent.mutate()}>
            {t("wallet.custody.together_show")}
          </Button>
        </div>
      </Section>
    );
  if (found.fault !== null)
    return (
      <Section title={t("wallet.custody.together")}>
        <div className="coins-progress coins-expired">
          <p role="alert">{t(`wallet.custody.together_fault.${found.fault}`)}</p>
        </div>
      </Section>
    );
  const { cumulative, validUntil } = found.consent;
  const due = BigInt(cumulative) - BigInt(settled);
  const toUs = due > 0n ? due : 0n;
  return (
    <Section title={t("wallet.custody.together")}>
      <div className="coins-progress">
        <Facts>
          <Fact name={t("wallet.custody.together_us")}>{exact(toUs)}</Fact>
          <Fact name={t("wallet.custody.together_you")}>{exact(BigInt(available) - toUs)}</Fact>
          <Fact name={t("wallet.custody.together_total")}>{exact(BigInt(cumulative))}</Fact>
          <Fact name={t("wallet.custody.together_until")}>{momentText(new Date(validUntil * 1_000), language)}</Fact>
        </Facts>
        <p className="coins-hint">{t("wallet.custody.together_rest")}</p>
        <Button
          look="accent"
          wide
          busy={ask.isPending}
          disabled={busy}
          onClick={() => ask.mutate(closeTogetherWish(found.consent))}
        >
          {t("wallet.custody.act.close_together")}
        </Button>
      </div>
    </Section>
  );
}
