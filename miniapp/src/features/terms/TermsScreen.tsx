/** What one agrees to: what credits are, how answers are paid, refunds, and what is not promised. */
import { MICRO_USD_PER_STAR } from "@starai/protocol/amounts";
import { SUBSCRIPTION } from "@starai/protocol/money";
import type { TextKey } from "@starai/protocol/texts";
import { useLanguage } from "../../lib/app-context.ts";
import { dollarsText } from "../../lib/dollars.ts";
import { LegalText } from "./LegalText.tsx";

const PARTS = [
  "service",
  "answers",
  "free",
  "stars",
  "subscription",
  "refunds",
  "limits",
  "keys",
  "fair",
  "contact",
] as const;

export default function TermsScreen() {
  const language = useLanguage();
  const { stars, days, creditPercent } = SUBSCRIPTION;
  return (
    <LegalText
      title="wallet.terms.title"
      parts={PARTS.map((part): [TextKey, TextKey] => [`wallet.terms.${part}`, `wallet.terms.${part}_text`])}
      values={{
        dollars: dollarsText(Number(MICRO_USD_PER_STAR), language),
        stars,
        days,
        credit: (stars * creditPercent) / 100,
      }}
    />
  );
}
