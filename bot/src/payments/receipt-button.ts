/** The button under a paid answer: what it cost, to the last digit, and its receipt in the app. */
import type { InlineKeyboardButton } from "grammy/types";
import { exactAmount } from "@starai/protocol/amounts";
import type { RunBill } from "@starai/protocol/receipts";
import type { Translate } from "@starai/protocol/texts";
import { screenButton } from "../app-link.ts";
import type { Place } from "../chat-place.ts";
import type { BotDeps } from "../context.ts";
import { readMoney } from "./read-money.ts";

interface Answered {
  readonly place: Place;
  readonly runId: string;
  readonly bill: RunBill | null;
  readonly t: Translate;
}

/** Null for answers that cost nobody anything, in groups, and without an app. */
export async function receiptButton(
  deps: BotDeps,
  { place, runId, bill, t }: Answered,
): Promise<InlineKeyboardButton | null> {
  if (!place.private || bill === null || BigInt(bill.amount) <= 0n) return null;
  const amount = await amountOf(deps, { place, bill, t });
  const text = amount === null ? t("wallet.receipt.title") : t("button.receipt", { amount });
  return screenButton(deps, text, `receipt_${runId.replaceAll("-", "")}`);
}

/** Null where it cannot be asked what the coin is called: the receipt says it. */
async function amountOf(deps: BotDeps, { place, bill, t }: { place: Place; bill: RunBill; t: Translate }) {
  const amount = exactAmount(BigInt(bill.amount));
  if (bill.paidWith === "stars") return t("money.stars", { amount });
  const money = await readMoney(deps, place.chatId).catch(() => null);
  return money && t("money.coins", { amount, coin: money.coin });
}
