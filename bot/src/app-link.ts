/** Ways from the chat into the Mini App. */
import { InlineKeyboard } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import type { Translate } from "@starai/protocol/texts";
import type { BotContext, BotDeps } from "./context.ts";

/** A parameter names a thread by its id without dashes: Telegram allows letters, digits, _ and - only, 64 of them. */
const THREAD_PARAMETER = /^t_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;
const PAIRING_PARAMETER = /^pair_([0-9A-HJKMNP-TV-Z]{8})$/i;

/** The thread a deep link's parameter names, `null` when it names none. */
export function threadOfParameter(parameter: string): string | null {
  return THREAD_PARAMETER.exec(parameter)?.slice(1).join("-") ?? null;
}

/** The code of a machine's terminal in a link, `null` where the parameter has none. */
export function pairingOfParameter(parameter: string): string | null {
  return PAIRING_PARAMETER.exec(parameter)?.[1] ?? null;
}

export function threadParameter(thread: string): string {
  return `t_${thread.replaceAll("-", "")}`;
}

/** The "Open in app" button, optionally for one thread; `null` without an app or if the chat cannot open one. */
export function appButton(deps: Pick<BotDeps, "appUrl">, ctx: BotContext, thread?: string): InlineKeyboard | null {
  const isPrivate = ctx.chat?.type === "private";
  return isPrivate && deps.appUrl !== null
    ? new InlineKeyboard().webApp(ctx.t("open.button"), appAddress(deps.appUrl, thread))
    : null;
}

/** A button to a screen of the app, for private chats; `null` without an app. */
export function screenButton(
  { appUrl }: Pick<BotDeps, "appUrl">,
  text: string,
  screen: "wallet" | "caps" | "machines" | `pair_${string}` | `receipt_${string}`,
): InlineKeyboardButton | null {
  return appUrl === null ? null : InlineKeyboard.webApp(text, addressWith(appUrl, screen));
}

function appAddress(appUrl: string, thread: string | undefined): string {
  return thread === undefined ? new URL(appUrl).href : addressWith(appUrl, threadParameter(thread));
}

function addressWith(appUrl: string, parameter: string): string {
  const url = new URL(appUrl);
  // The name that Telegram itself uses for a direct link's parameter.
  url.searchParams.set("tgWebAppStartParam", parameter);
  return url.href;
}

/** The button beside the message field; without an app it opens the list of commands. */
export function menuButton(appUrl: string | null, t: Translate) {
  return appUrl === null
    ? { type: "commands" as const }
    : { type: "web_app" as const, text: t("open.menu"), web_app: { url: appUrl } };
}
