/** Validates keyboards as Telegram does before it shows them. */
import type { InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton } from "@grammyjs/types";
import { TelegramError } from "./telegram-error.ts";
import type { ChatKeyboard } from "./world.ts";

const CALLBACK_BYTES_MAX = 64;
const BUTTONS_MAX = 100;
const ACTIONS = [
  "callback_data",
  "url",
  "web_app",
  "login_url",
  "switch_inline_query",
  "switch_inline_query_current_chat",
  "switch_inline_query_chosen_chat",
  "copy_text",
  "disabled",
  "callback_game",
  "pay",
] as const;

/**
 * The inline keyboard of a `reply_markup`, or undefined when it is another kind of keyboard or empty.
 * Throws Telegram's 400 for a button it would not show.
 */
export function inlineKeyboard(
  markup: Record<string, unknown> | undefined,
  chatId: number,
): InlineKeyboardMarkup | undefined {
  const keyboard = checkedKeyboard(markup, chatId);
  if (keyboard?.inline_keyboard.flat().some(isPay)) throw TelegramError.badRequest("BUTTON_TYPE_INVALID");
  return keyboard;
}

/**
 * The inline keyboard under an invoice, whose first button pays; without a markup that is its only button.
 * Throws Telegram's 400 for a button it would not show.
 */
export function invoiceKeyboard(
  markup: Record<string, unknown> | undefined,
  chatId: number,
  stars: number,
): InlineKeyboardMarkup {
  const keyboard = checkedKeyboard(markup, chatId);
  if (!keyboard) return { inline_keyboard: [[{ text: `Pay ⭐️${stars}`, pay: true }]] };
  const [first, ...others] = keyboard.inline_keyboard.flat();
  if (!first || !isPay(first)) throw TelegramError.badRequest("REPLY_MARKUP_BUY_EMPTY");
  if (others.some(isPay)) throw TelegramError.badRequest("BUTTON_TYPE_INVALID");
  return keyboard;
}

/**
 * The keyboard a `reply_markup` puts under the chat; `null` removes the current one, undefined leaves it unchanged.
 * Throws Telegram's 400 for a button it would not show.
 */
export function chatKeyboard(
  markup: Record<string, unknown> | undefined,
  chatId: number,
): ChatKeyboard | null | undefined {
  if (markup?.remove_keyboard === true) return null;
  if (markup === undefined || !("keyboard" in markup)) return undefined;
  const rows = markup.keyboard;
  if (!Array.isArray(rows) || !rows.every(Array.isArray))
    throw TelegramError.badRequest('Field "keyboard" must be of type Array');
  const filled = (rows as (KeyboardButton | string)[][])
    .map((row) => row.map((button) => (typeof button === "string" ? { text: button } : button)))
    .filter((row) => row.length > 0);
  const buttons = filled.flat();
  if (buttons.length > BUTTONS_MAX) throw TelegramError.badRequest("reply markup is too long");
  for (const button of buttons) checkKeyboardButton(button, chatId);
  return { rows: filled, once: markup.one_time_keyboard === true };
}

function isPay(button: InlineKeyboardButton): boolean {
  return "pay" in button;
}

function checkedKeyboard(
  markup: Record<string, unknown> | undefined,
  chatId: number,
): InlineKeyboardMarkup | undefined {
  if (markup === undefined || !("inline_keyboard" in markup)) return undefined;
  const rows = markup.inline_keyboard;
  if (!Array.isArray(rows) || !rows.every(Array.isArray))
    throw TelegramError.badRequest('Field "inline_keyboard" must be of type Array');
  const buttons = rows.flat() as InlineKeyboardButton[];
  if (buttons.length > BUTTONS_MAX) throw TelegramError.badRequest("reply markup is too long");
  for (const button of buttons) checkButton(button, chatId);
  const filled = (rows as InlineKeyboardButton[][]).filter((row) => row.length > 0);
  return filled.length === 0 ? undefined : { inline_keyboard: filled };
}

function checkKeyboardButton(button: KeyboardButton, chatId: number): void {
  if (typeof button !== "object" || button === null || typeof button.text !== "string" || button.text === "")
    throw TelegramError.badRequest('can\'t parse keyboard button: Field "text" must be a non-empty String');
  if (typeof button === "string" || !("web_app" in button)) return;
  if (chatId < 0) throw TelegramError.badRequest("BUTTON_TYPE_INVALID");
  checkWebAppUrl(button.web_app.url);
}

function checkButton(button: InlineKeyboardButton, chatId: number): void {
  if (typeof button !== "object" || button === null || typeof button.text !== "string" || button.text === "")
    throw TelegramError.badRequest('can\'t parse inline keyboard button: Field "text" must be a non-empty String');
  const actions = ACTIONS.filter((action) => action in button);
  if (actions.length === 0) throw TelegramError.badRequest("Text buttons are not allowed in the inline keyboard");
  if (actions.length > 1) throw TelegramError.badRequest("BUTTON_TYPE_INVALID");
  if ("callback_data" in button) checkCallbackData(button.callback_data);
  if ("url" in button) checkUrl(button.url);
  if ("web_app" in button) {
    if (chatId < 0) throw TelegramError.badRequest("BUTTON_TYPE_INVALID");
    checkWebAppUrl(button.web_app.url);
  }
}

function checkCallbackData(data: unknown): void {
  if (typeof data !== "string" || data === "" || Buffer.byteLength(data) > CALLBACK_BYTES_MAX)
    throw TelegramError.badRequest("BUTTON_DATA_INVALID");
}

function checkUrl(url: unknown): void {
  if (
    typeof url !== "string" ||
    !/^(https?|tg|ton):\/\/./i.test(/^\w+:/.test(url) ? url : `https://${url}`) ||
    /\s/.test(url)
  )
    throw TelegramError.badRequest(`inline keyboard button URL '${String(url)}' is invalid: Wrong HTTP URL`);
}

/** Requires https for a Mini App; plain http is allowed on this machine only, for apps under development. */
export function checkWebAppUrl(url: unknown): void {
  const parsed = typeof url === "string" && URL.canParse(url) ? new URL(url) : null;
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    throw TelegramError.badRequest(`inline keyboard button Web App URL '${String(url)}' is invalid`);
  if (parsed.protocol === "http:" && !/^(localhost|127\.0\.0\.1|\[::1\])$/.test(parsed.hostname))
    throw TelegramError.badRequest(
      `inline keyboard button Web App URL '${parsed.href}' is invalid: Only HTTPS links are allowed`,
    );
}
