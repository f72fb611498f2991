/** Launches of a Mini App: by the menu button, a message's button, a keyboard button or a direct link. */
import { randomBytes } from "node:crypto";
import type { Message } from "@grammyjs/types";
import { checkWebAppUrl } from "./check-keyboard.ts";
import { launchUrl, signInitData } from "./init-data.ts";
import { menuButton } from "./methods/bot-settings.ts";
import { ClientRefusal, buttonsOf, upsertPerson } from "./person.ts";
import type { Telegram } from "./telegram.ts";
import { unixSeconds } from "./telegram.ts";
import { viewMessage } from "./views.ts";

export interface LaunchWish {
  readonly user: number;
  readonly chat?: number | undefined;
  /** The message whose web_app button is pressed: the one named by `button`, or else the first. */
  readonly message?: number | undefined;
  readonly button?: string | undefined;
  /** The text of a button on the chat's keyboard. */
  readonly key?: string | undefined;
  readonly url?: string | undefined;
  readonly startParam?: string | undefined;
  readonly theme?: Record<string, string> | undefined;
  readonly platform?: string | undefined;
}

/** Opens the Mini App of a button or a url, or else the menu button's, as a direct link with `startParam` does. */
export function launchApp(telegram: Telegram, wish: LaunchWish): { url: string; initData: string } {
  const user = upsertPerson(telegram, wish);
  const appUrl = addressOf(telegram, wish);
  try {
    checkWebAppUrl(appUrl);
  } catch (error) {
    throw new ClientRefusal(error instanceof Error ? error.message : String(error));
  }
  const silent = wish.key !== undefined || wish.startParam !== undefined;
  const queryId = silent ? undefined : `AA${randomBytes(12).toString("base64url")}`;
  const initData = signInitData(
    { user, queryId, authDate: unixSeconds(telegram), startParam: wish.startParam },
    telegram.token,
  );
  const look = { platform: wish.platform ?? "weba", theme: wish.theme ?? {} };
  return { url: launchUrl(appUrl, initData, look, wish.startParam), initData };
}

function addressOf(telegram: Telegram, wish: LaunchWish): string {
  if (wish.url !== undefined) return wish.url;
  if (wish.key !== undefined) return keyboardUrl(telegram, wish.user, wish.key);
  return wish.message === undefined ? menuUrl(telegram, wish.user) : buttonUrl(telegram, wish, wish.message);
}

function buttonUrl(telegram: Telegram, wish: LaunchWish, id: number): string {
  const stored = telegram.world.message(wish.chat ?? wish.user, id);
  if (!stored) throw new ClientRefusal(`There is no message ${id} in this chat.`);
  for (const button of buttonsOf(stored.message))
    if ("web_app" in button && (wish.button === undefined || button.text === wish.button)) return button.web_app.url;
  throw new ClientRefusal("This message does not have that web_app button.");
}

function menuUrl(telegram: Telegram, chat: number): string {
  const button = menuButton(telegram, chat);
  if (button.type !== "web_app")
    throw new ClientRefusal("The bot's menu button opens no Mini App: pass a message or a url.");
  return button.web_app.url;
}

function keyboardUrl(telegram: Telegram, chat: number, words: string): string {
  for (const button of telegram.world.keyboards.get(chat)?.rows.flat() ?? [])
    if (typeof button !== "string" && "web_app" in button && button.text === words) return button.web_app.url;
  throw new ClientRefusal("The chat's keyboard does not have that web_app button.");
}

/** Sends the bot the data of an app opened by a keyboard button, as a message of the person. */
export function answerFromApp(telegram: Telegram, answer: { user: number; key: string; data: string }): Message {
  const user = upsertPerson(telegram, answer);
  const chat = telegram.world.chats.get(answer.user);
  if (chat === undefined) throw new ClientRefusal("This person has no chat with the bot yet.");
  keyboardUrl(telegram, answer.user, answer.key);
  const message: Message = {
    message_id: telegram.world.nextMessageId(chat.id),
    from: user,
    chat,
    date: unixSeconds(telegram),
    web_app_data: { data: answer.data, button_text: answer.key },
  };
  const stored = { message };
  telegram.commit({ kind: "message", stored });
  telegram.feed.emit({ type: "message", chat: chat.id, message: viewMessage(telegram.world, stored) });
  telegram.updates.push("message", message as never);
  return message;
}
