import { EARNING_TERMS, STAKE_MIN } from "@starai/protocol/contributor";
import { ContributorAccountTerms } from "@starai/contracts/contributor-account-codes";
import { Section } from "../../../components/Section.tsx";
import { useLanguage, useT } from "../../../lib/app-context.ts";
import { amountText } from "../../../lib/money-words.ts";
import { peopleAddress, shortAddress } from "../../../lib/people-address.ts";
import { Fact, Facts } from "../Facts.tsx";
import type { StakeProps } from "./stake-props.ts";

const DAY_S = 86_400;

/** Every rule of the contract and of the pool, in words. */
export function StakeRules({ chain: { coin, network }, mine, view }: StakeProps) {
  const t = useT();
  const language = useLanguage();
  const amount = (nano: bigint) =>
    amountText(t, { nano: String(nano), paidWith: "coin", coin }, { language, round: "down" });
  const { UNBOND_SECONDS, APPEAL_SECONDS, SLASH_WINDOW_SECONDS, SLASH_CAP_PERCENT } = ContributorAccountTerms;
  return (
    <Section title={t("machines.stake.rules")}>
      <ul className="custody-what">
        <li>{t("machines.stake.rule.yours")}</li>
        <li>
          {t("machines.stake.rule.least", {
            stake: amount(STAKE_MIN),
            most: amount(STAKE_MIN * BigInt(EARNING_TERMS.weightMax)),
          })}
        </li>
        <li>{t("machines.stake.rule.divided")}</li>
        <li>{t("machines.stake.rule.unbond", { days: UNBOND_SECONDS / DAY_S })}</li>
        <li>
          {t("machines.stake.rule.slash", {
            percent: SLASH_CAP_PERCENT,
            window: SLASH_WINDOW_SECONDS / DAY_S,
            days: APPEAL_SECONDS / DAY_S,
          })}
        </li>
      </ul>
      <div className="stake-addresses">
        <Facts>
          <Fact name={t("machines.stake.contract")}>{shortAddress(peopleAddress(view.account, network))}</Fact>
          {mine.wallet !== null && (
            <Fact name={t("wallet.coins.wallet")}>{shortAddress(peopleAddress(mine.wallet, network))}</Fact>
          )}
        </Facts>
      </div>
    </Section>
  );
}
