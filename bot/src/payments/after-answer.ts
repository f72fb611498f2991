/** What an answer's end says about money: the last free one of a day, and one that was not begun because it is not paid. */
import { InlineKeyboard } from "grammy";
import type { RunBill } from "@starai/protocol/receipts";
import type { Outcome } from "@starai/protocol/runs";
import type { Translate } from "@starai/protocol/texts";
import { screenButton } from "../app-link.ts";
import { addressOf } from "../chat-place.ts";
import type { Place } from "../chat-place.ts";
import type { BotDeps } from "../context.ts";
import { readMoney } from "./read-money.ts";

/** Refusals that the person themselves can end: by paying, by raising a limit, or by waiting. */
const ABOUT_MONEY: ReadonlySet<string> = new Set(["payment_required", "cap_reached", "payments_paused"]);

export function isAboutMoney(code: string): boolean {
  return ABOUT_MONEY.has(code);
}

/** Buttons under a refusal over money, for private chats; null under anything else. */
export function moneyButtons(deps: Pick<BotDeps, "appUrl">, outcome: Outcome, t: Translate): InlineKeyboard | null {
  return outcome.kind === "failed" && isAboutMoney(outcome.code) ? buttonsFor(deps, outcome.code, t) : null;
}

/** The way out: paying ends the one, another limit the other, and a pause ends by itself. */
function buttonsFor(deps: Pick<BotDeps, "appUrl">, code: string, t: Translate): InlineKeyboard | null {
  if (code === "payment_required") return new InlineKeyboard().text(t("topup.button"), "topup");
  const limits = code === "cap_reached" ? screenButton(deps, t("topup.limits"), "caps") : null;
  return limits && new InlineKeyboard().add(limits);
}

/** False where it cannot be asked: the line then offers what is never wrong. */
async function hasCredits(deps: BotDeps, person: number): Promise<boolean> {
  const money = await readMoney(deps, person).catch(() => null);
  return money !== null && BigInt(money.stars.spendable) + BigInt(money.prepaid.spendable) > 0n;
}

interface Ended {
  readonly place: Place;
  readonly bill: RunBill | null;
  readonly t: Translate;
}

/** One line of its own after the answer, never within it. Its failure is harmless: /balance says the same. */
export async function sayLastFree(deps: BotDeps, { place, bill, t }: Ended): Promise<void> {
  const { answers, log } = deps;
  if (!place.private || bill?.freeLeft !== 0) return;
  const keyboard = new InlineKeyboard().text(t("topup.button"), "topup").text(t("topup.later"), "topup:later");
  try {
    const isPaidNext = await hasCredits(deps, place.chatId);
    const [text, markup] = isPaidNext
      ? [t("wallet.last_free.paid_next"), {}]
      : [t("topup.last_free"), { reply_markup: keyboard }];
    await answers.sendMessage(place.chatId, text, { ...addressOf(place), ...markup });
  } catch (error) {
    log.warn({ err: error }, "the line after the last free answer was not sent");
  }
}
