import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { useChain } from "../../data/use-chain.ts";
import type { Money } from "../../data/use-money.ts";
import { useModelName } from "../../data/use-models.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { amountText, answersOf } from "../../lib/money-words.ts";

/** What not everybody has: a debt, prepaid coin, amounts on hold. Nothing where there is none of them, and no chain to pay coins in from. */
export function OtherFunds({ money }: { money: Money }) {
  const t = useT();
  const language = useLanguage();
  const { stars, prepaid, rate, coin } = money;
  const hasChain = (useChain().data ?? null) !== null;
  const hasPrepaid = hasChain || isSome(prepaid.spendable) || isSome(prepaid.held);
  const held = [
    ...(isSome(stars.held) ? [{ nano: stars.held, paidWith: "stars" as const, coin }] : []),
    ...(isSome(prepaid.held) ? [{ nano: prepaid.held, paidWith: "coin" as const, coin }] : []),
  ].map((amount) => amountText(t, amount, { language, round: "up" }));
  if (!hasPrepaid && held.length === 0 && !isSome(stars.debt)) return null;
  const stale = hasPrepaid && rate?.stale === true;
  return (
    <Section
      title={t("wallet.other")}
      foot={stale ? t("money.rate.stale", { time: timeOf(rate.at, language) }) : undefined}
    >
      {isSome(stars.debt) && <DebtRow money={money} />}
      {hasPrepaid && <PrepaidRow money={money} hasChain={hasChain} />}
      {held.length > 0 && (
        <Cell wide title={t("wallet.held")} detail={t("wallet.held_text")} after={held.join(" · ")} />
      )}
    </Section>
  );
}

function DebtRow({ money: { stars, coin } }: { money: Money }) {
  const t = useT();
  const language = useLanguage();
  const debt = amountText(t, { nano: stars.debt, paidWith: "stars", coin }, { language, round: "up" });
  return <Cell wide title={t("wallet.debt")} detail={t("wallet.debt_why")} after={debt} />;
}

function PrepaidRow({ money: { prepaid, answer, coin }, hasChain }: { money: Money; hasChain: boolean }) {
  const t = useT();
  const language = useLanguage();
  const nameOf = useModelName();
  const balance = BigInt(prepaid.spendable);
  const answers = answersOf(t, { balance, answer: answer.coin, model: nameOf(answer.model) }, language);
  return (
    <Cell
      wide
      title={t("wallet.prepaid")}
      detail={[...(answers === null || balance === 0n ? [] : [answers]), t("wallet.prepaid_text")].join(". ")}
      after={amountText(t, { nano: prepaid.spendable, paidWith: "coin", coin }, { language, round: "down" })}
      {...(hasChain && { href: "/wallet/coins" })}
    />
  );
}

function isSome(nano: string): boolean {
  return BigInt(nano) !== 0n;
}

function timeOf(at: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
}
