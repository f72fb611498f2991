/** What a person does in their Telegram: write, tap, stop, block. Each becomes an update for the bot. */
import type { Chat, InlineKeyboardButton, Message, User } from "@grammyjs/types";
import { detectEntities } from "./entities/detect-entities.ts";
import type { Telegram } from "./telegram.ts";
import { unixSeconds } from "./telegram.ts";
import { viewMessage } from "./views.ts";

/** Something a client would not let its person do; the text says what would work. */
export class Impossible extends Error {
  override readonly name = "Impossible";
}

const PEOPLE_MAX = 1_000;

export interface Introduction {
  readonly user: number;
  readonly name?: string | undefined;
  readonly language?: string | undefined;
  /** Another bot, as a member of a group. */
  readonly bot?: boolean | undefined;
}

/** The person of this id, made on first use; a new name or language replaces the old. */
export function introduce(telegram: Telegram, { user: id, name, language, bot }: Introduction): User {
  const known = telegram.world.users.get(id);
  const user: User = {
    id,
    is_bot: bot ?? known?.is_bot ?? false,
    first_name: name ?? known?.first_name ?? `Guest ${id}`,
    language_code: language ?? known?.language_code ?? "en",
  };
  if (known && known.first_name === user.first_name && known.language_code === user.language_code) return known;
  if (!known && telegram.world.users.size >= PEOPLE_MAX)
    throw new Impossible(`There are ${PEOPLE_MAX} people already; use one of them.`);
  telegram.commit({ kind: "user", user });
  telegram.feed.emit({ type: "users" });
  return user;
}

export interface Words extends Introduction {
  readonly text: string;
  /** A negative id writes to that group, made on first use; without it the person writes to the bot. */
  readonly chat?: number | undefined;
  readonly replyTo?: number | undefined;
}

/** Writes a message. The bot hears it in private; in a group when it is a command, a mention or a reply to the bot. */
export function writeText(telegram: Telegram, words: Words): Message {
  const entities = detectEntities({ text: words.text, entities: [] });
  return sayAs(telegram, words, { text: words.text, ...(entities.length > 0 ? { entities } : {}) });
}

/** Puts a message of this content into the chat, and before the bot where it is meant for it. */
export function sayAs(telegram: Telegram, where: Omit<Words, "text">, content: Partial<Message>): Message {
  const user = introduce(telegram, where);
  const chat = enterChat(telegram, user, where.chat);
  if (chat.type === "private" && telegram.world.blockedBy.has(user.id)) setBlocked(telegram, user.id, false);
  const target = where.replyTo === undefined ? undefined : telegram.world.message(chat.id, where.replyTo);
  if (where.replyTo !== undefined && !target) throw new Impossible(`There is no message ${where.replyTo} to reply to.`);
  const message = {
    message_id: telegram.world.nextMessageId(chat.id),
    from: user,
    chat,
    date: unixSeconds(telegram),
    ...content,
    ...(target ? { reply_to_message: { ...target.message, reply_to_message: undefined } } : {}),
  } as Message;
  const stored = { message };
  telegram.commit({ kind: "message", stored });
  telegram.feed.emit({ type: "message", chat: chat.id, message: viewMessage(telegram.world, stored) });
  if (chat.type === "private" || meantForBot(telegram, message)) telegram.updates.push("message", message as never);
  return message;
}

function enterChat(telegram: Telegram, user: User, chatId: number | undefined): Chat {
  const id = chatId ?? user.id;
  const known = telegram.world.chats.get(id);
  if (known && (known.type !== "private" || known.first_name === user.first_name)) return known;
  if (id > 0 && id !== user.id)
    throw new Impossible("A private chat has the person's own id; groups have negative ids.");
  const chat: Chat =
    id > 0 ? { id, type: "private", first_name: user.first_name } : { id, type: "supergroup", title: `Group ${-id}` };
  telegram.commit({ kind: "chat", chat });
  return chat;
}

/** As privacy mode has it. */
export function meantForBot(telegram: Telegram, message: Message): boolean {
  const name = telegram.me.username.toLowerCase();
  const text = (message.text ?? message.caption ?? "").toLowerCase();
  const command = /^\/\w+(?:@(\w+))?/.exec(text);
  if (command) return command[1] === undefined || command[1] === name;
  return text.includes(`@${name}`) || message.reply_to_message?.from?.id === telegram.me.id;
}

export interface Tap {
  readonly user: number;
  readonly chat?: number | undefined;
  readonly message: number;
  /** The button by its callback data, or by its words. */
  readonly data?: string | undefined;
  readonly button?: string | undefined;
}

/** Presses an inline button that calls back. */
export function tapButton(telegram: Telegram, tap: Tap): void {
  const user = introduce(telegram, tap);
  const chat = tap.chat ?? user.id;
  const stored = telegram.world.message(chat, tap.message);
  if (!stored) throw new Impossible(`There is no message ${tap.message} in this chat.`);
  const button = findButton(buttonsOf(stored.message), tap);
  if (!("callback_data" in button))
    throw new Impossible(
      `The button "${button.text}" does not call back; a web_app button is opened with /sim/launch.`,
    );
  telegram.updates.push("callback_query", {
    id: telegram.callbacks.open(user.id, chat),
    from: user,
    message: stored.message,
    chat_instance: String(chat),
    data: button.callback_data,
  });
}

/** Of all rows together. */
export function buttonsOf(message: Message): InlineKeyboardButton[] {
  return message.reply_markup?.inline_keyboard.flat() ?? [];
}

function findButton(
  buttons: InlineKeyboardButton[],
  { data, button: words }: Pick<Tap, "data" | "button">,
): InlineKeyboardButton {
  const found = buttons.find((button) =>
    data === undefined ? button.text === words : "callback_data" in button && button.callback_data === data,
  );
  if (found) return found;
  const offered = buttons.map(
    (button) => `"${button.text}"${"callback_data" in button ? ` (${button.callback_data})` : ""}`,
  );
  throw new Impossible(
    offered.length === 0 ? "This message has no buttons." : `No such button; the message has ${offered.join(", ")}.`,
  );
}

/** Presses Stop on the answer being written. */
export function stopDraft(telegram: Telegram, userId: number): number {
  const chat = telegram.world.chats.get(userId);
  const draft = chat?.type === "private" ? telegram.drafts.stop(userId) : null;
  if (draft === null || chat?.type !== "private")
    throw new Impossible("Nothing is being written that could be stopped.");
  telegram.updates.push("stopped_message_generation", { chat, draft_id: draft });
  return draft;
}

/** Blocks the bot or lets it write again; the bot hears of it. */
export function setBlocked(telegram: Telegram, userId: number, blocked: boolean): void {
  const user = introduce(telegram, { user: userId });
  if (telegram.world.blockedBy.has(userId) === blocked) return;
  const chat = enterChat(telegram, user, undefined);
  telegram.commit({ kind: "blocked", user: userId, blocked });
  if (blocked) telegram.drafts.clear(userId);
  const away = { user: telegram.me, status: "kicked" as const, until_date: 0 };
  const here = { user: telegram.me, status: "member" as const };
  telegram.updates.push("my_chat_member", {
    chat,
    from: user,
    date: unixSeconds(telegram),
    old_chat_member: blocked ? here : away,
    new_chat_member: blocked ? away : here,
  });
}
