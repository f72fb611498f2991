/** Refusals of unpaid work: what is missing, what happened to the money, and what to do next. */
import { shortAmount } from "@starai/protocol/amounts";
import { Refusal } from "../errors.ts";
import type { EscrowBlocked } from "@starai/protocol/escrow";

export interface Shortage {
  readonly lacks: "balance" | "answer_cap" | "day_cap";
  /** Null where it is not known or nothing was looked at. */
  readonly stars: bigint | null;
  readonly coin: bigint | null;
  /** Null where the person signed no voucher of an escrow of their own. */
  readonly escrow: { readonly spendable: bigint; readonly blocked: EscrowBlocked | null } | null;
  readonly coinName: string;
  readonly resetsAt: Date;
}

const EN = { language: "en", round: "down" } as const;

export function refusalFor({ lacks, stars, coin, escrow, coinName, resetsAt }: Shortage): Refusal {
  if (lacks === "answer_cap")
    return new Refusal(
      "cap_reached",
      "Your limit for one answer does not cover even a short one of this model. Nothing was charged. Raise the limit, or choose a smaller model.",
    );
  if (lacks === "day_cap")
    return new Refusal(
      "cap_reached",
      `The limit for today is reached. Nothing was charged. Raise the limit, or go on after ${resetsAt.toISOString().slice(0, 16)}Z.`,
    );
  const balances = [
    ...(stars === null ? [] : [`${shortAmount(stars, EN)} Stars`]),
    ...(coin === null || coin === 0n ? [] : [`${shortAmount(coin, EN)} ${coinName}`]),
    ...(escrow === null ? [] : [`${shortAmount(escrow.spendable, EN)} ${coinName} of your escrow`]),
  ];
  const why = escrow?.blocked ? ` ${ESCROW_WORDS[escrow.blocked]}` : "";
  return new Refusal(
    "payment_required",
    `Your balance does not cover this: ${balances.join(", ") || "nothing"} can be spent. Nothing was charged.${why} Top up with /topup in the bot or in the app's wallet, or ask for less.`,
  );
}

const ESCROW_WORDS: Record<EscrowBlocked, string> = {
  stale: "Your escrow was not seen on the chain for some minutes: it pays again once it is.",
  unopened: "Your escrow has no key yet: open it in the app.",
  closing: "A close of your escrow is requested, so that nothing is served from it: cancel the close to go on.",
  consented:
    "We agreed to close your escrow, so that nothing more is served from it before the close: where it does not come, it pays again about an hour after that.",
  counting: "What your escrow's last round owed is still being counted: it pays again in a few minutes.",
  sign: "What you signed is spent: open the app, which signs for more.",
  unredeemed: "Your last answers are being redeemed from your escrow: it pays again in a minute or two.",
  funds: "Your escrow's balance, or its limit for a day, is used up: top it up, raise its limit, or wait.",
};
