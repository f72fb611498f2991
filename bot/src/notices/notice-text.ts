/** What people are told of their coins, and the button under it. HTML; amounts are exact, for people compare them. */
import { InlineKeyboard } from "grammy";
import { exactAmount } from "@starai/protocol/amounts";
import type { Notice } from "@starai/protocol/notices";
import { languageOf, translator } from "@starai/protocol/texts";
import { screenButton } from "../app-link.ts";
import type { Tongue } from "../payments/money-words.ts";
import { escapeHtml } from "../streaming/telegram-html.ts";

export interface NoticeMessage {
  readonly text: string;
  readonly keyboard: InlineKeyboard | null;
}

/** @param appUrl  of the app, for a button to it; null where there is none */
export function noticeMessage(notice: Notice, appUrl: string | null): NoticeMessage {
  const language = languageOf(notice.language);
  const tongue = { language, t: translator(language) };
  return { text: textOf(notice, tongue), keyboard: keyboardOf(notice, tongue, appUrl) };
}

function textOf({ params, coin, link }: Notice, { t, language }: Tongue): string {
  const coins = (nano: string) => escapeHtml(t("money.coins", { amount: exactAmount(BigInt(nano)), coin }));
  const time = (iso: string) => timeText(iso, language);
  switch (params.kind) {
    case "deposit_credited":
      return t("notice.deposit_credited", { amount: coins(params.amount) });
    case "deposit_checking":
      return t("notice.deposit_checking", { amount: coins(params.amount) });
    case "deposit_given":
      return t("notice.deposit_given", { amount: coins(params.amount) });
    case "wallet_bound":
      return t(params.cancel === null ? "notice.wallet_bound" : "notice.wallet_changed", {
        wallet: wallet(params.wallet),
        time: time(params.payoutsFrom),
      });
    case "wallet_change_cancelled":
      return t("notice.wallet_change_cancelled", { wallet: wallet(params.wallet) });
    case "payout_requested":
      return t("notice.payout_requested", {
        amount: coins(params.amount),
        wallet: wallet(params.wallet),
        time: time(params.readyAt),
      });
    case "payout_paid": {
      const paid = t("notice.payout_paid", { amount: coins(params.amount), wallet: wallet(params.wallet) });
      return link === null ? paid : `${paid}\n<a href="${escapeHtml(link)}">${t("notice.transaction")}</a>`;
    }
    case "payout_returned":
      return t("notice.payout_returned", { amount: coins(params.amount) });
    case "low_balance":
      return params.paidWith === "coin"
        ? t("notice.low_balance.coin", { amount: coins(params.left) })
        : t("notice.low_balance.stars", { amount: exactAmount(BigInt(params.left)) });
    case "machine_offline":
      return t("notice.machine_offline", { name: escapeHtml(params.name), time: time(params.since) });
    case "claim_ready":
      return t("notice.claim_ready", { amount: coins(params.amount), epoch: params.epoch });
    case "slash_proposed":
      return t("notice.slash_proposed", { amount: coins(params.amount), reason: escapeHtml(params.reason) });
    case "slash_ended":
      return t(`notice.slash_ended.${params.outcome}`, { amount: coins(params.amount) });
    case "appeal_answered":
      return t("notice.appeal_answered", { note: escapeHtml(params.note), reply: escapeHtml(params.reply) });
    case "worker_update":
      return t("notice.worker_update", { version: escapeHtml(params.version), count: params.machines });
  }
}

function keyboardOf({ params }: Notice, { t }: Tongue, appUrl: string | null): InlineKeyboard | null {
  if (params.kind === "wallet_bound" && params.cancel !== null)
    return new InlineKeyboard().text(t("notice.cancel_change"), `wallet:cancel:${params.cancel}`);
  if (params.kind === "payout_requested")
    return new InlineKeyboard().text(t("notice.cancel_payout"), `payout:cancel:${params.cancel}`);
  if (params.kind === "low_balance") return new InlineKeyboard().text(t("topup.button"), "topup");
  if (!OF_MACHINES.has(params.kind)) return null;
  const button = screenButton({ appUrl }, t("notice.machines"), "machines");
  return button && new InlineKeyboard().add(button);
}

/** Their screen in the app shows more. */
const OF_MACHINES: ReadonlySet<string> = new Set([
  "machine_offline",
  "claim_ready",
  "slash_proposed",
  "slash_ended",
  "appeal_answered",
]);

const wallet = (address: string) => `<code>${escapeHtml(address)}</code>`;

/** In UTC, which is all that is known of where they are. */
function timeText(iso: string, language: string): string {
  const form = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
  return `${form.format(new Date(iso))} UTC`;
}
