/** Actions of a person in Telegram: write, tap, stop, block. Each becomes an update for the bot. */
import type { Chat, InlineKeyboardButton, Message, User } from "@grammyjs/types";
import { detectEntities } from "./entities/detect-entities.ts";
import type { Telegram } from "./telegram.ts";
import { unixSeconds } from "./telegram.ts";
import { viewMessage } from "./views.ts";

/** An action no Telegram client would allow; the message says what would work. */
export class ClientRefusal extends Error {
  override readonly name = "ClientRefusal";
}

const PEOPLE_MAX = 1_000;

export interface PersonFields {
  readonly user: number;
  readonly name?: string | undefined;
  readonly language?: string | undefined;
  /** Whether this is another bot in a group. */
  readonly bot?: boolean | undefined;
}

/** The person of this id, made on first use; a new name or language replaces the old. */
export function upsertPerson(telegram: Telegram, { user: id, name, language, bot }: PersonFields): User {
  const known = telegram.world.users.get(id);
  const user: User = {
    id,
    is_bot: bot ?? known?.is_bot ?? false,
    first_name: name ?? known?.first_name ?? `Guest ${id}`,
    language_code: language ?? known?.language_code ?? "en",
  };
  if (known && known.first_name === user.first_name && known.language_code === user.language_code) return known;
  if (!known && telegram.world.users.size >= PEOPLE_MAX)
    throw new ClientRefusal(`There are ${PEOPLE_MAX} people already; use one of them.`);
  telegram.commit({ kind: "user", user });
  telegram.feed.emit({ type: "users" });
  return user;
}

export interface PersonText extends PersonFields {
  readonly text: string;
  /** The group's negative id, created on first use; without it the person writes to the bot. */
  readonly chat?: number | undefined;
  readonly replyTo?: number | undefined;
}

/** Sends a person's text. In a group, the bot receives only commands, mentions and replies to it. */
export function writeText(telegram: Telegram, words: PersonText): Message {
  const entities = detectEntities({ text: words.text, entities: [] });
  return sendAsPerson(telegram, words, { text: words.text, ...(entities.length > 0 ? { entities } : {}) });
}

/** Sends a message with this content; the bot receives it if privacy mode lets it. */
export function sendAsPerson(telegram: Telegram, where: Omit<PersonText, "text">, content: Partial<Message>): Message {
  const user = upsertPerson(telegram, where);
  const chat = enterChat(telegram, user, where.chat);
  if (chat.type === "private" && telegram.world.blockedBy.has(user.id)) setBlocked(telegram, user.id, false);
  const target = where.replyTo === undefined ? undefined : telegram.world.message(chat.id, where.replyTo);
  if (where.replyTo !== undefined && !target)
    throw new ClientRefusal(`There is no message ${where.replyTo} to reply to.`);
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

/** The chat of a person with the bot, or a group; made on first use. */
export function enterChat(telegram: Telegram, user: User, chatId: number | undefined): Chat {
  const id = chatId ?? user.id;
  const known = telegram.world.chats.get(id);
  if (known && (known.type !== "private" || known.first_name === user.first_name)) return known;
  if (id > 0 && id !== user.id)
    throw new ClientRefusal("A private chat has the person's own id; groups have negative ids.");
  const chat: Chat =
    id > 0 ? { id, type: "private", first_name: user.first_name } : { id, type: "supergroup", title: `Group ${-id}` };
  telegram.commit({ kind: "chat", chat });
  return chat;
}

/** Whether the bot receives a group's message under privacy mode. */
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
  /** Names the button by its callback data; `button` names it by its text. */
  readonly data?: string | undefined;
  readonly button?: string | undefined;
}

/** Presses an inline callback button. */
export function tapButton(telegram: Telegram, tap: Tap): void {
  const user = upsertPerson(telegram, tap);
  const chat = tap.chat ?? user.id;
  const stored = telegram.world.message(chat, tap.message);
  if (!stored) throw new ClientRefusal(`There is no message ${tap.message} in this chat.`);
  const button = findButton(buttonsOf(stored.message), tap);
  if (!("callback_data" in button))
    throw new ClientRefusal(
      `The button "${button.text}" is not a callback button; open a web_app button with /sim/launch.`,
    );
  telegram.updates.push("callback_query", {
    id: telegram.callbacks.open(user.id, chat),
    from: user,
    message: stored.message,
    chat_instance: String(chat),
    data: button.callback_data,
  });
}

/** The inline buttons of all rows. */
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
  throw new ClientRefusal(
    offered.length === 0 ? "This message has no buttons." : `No such button; the message has ${offered.join(", ")}.`,
  );
}

/** Presses Stop on the answer being written. */
export function stopDraft(telegram: Telegram, userId: number): number {
  const chat = telegram.world.chats.get(userId);
  const draft = chat?.type === "private" ? telegram.drafts.stop(userId) : null;
  if (draft === null || chat?.type !== "private") throw new ClientRefusal("There is no answer in progress to stop.");
  telegram.updates.push("stopped_message_generation", { chat, draft_id: draft });
  return draft;
}

/** Blocks or unblocks the bot and queues its update. */
export function setBlocked(telegram: Telegram, userId: number, blocked: boolean): void {
  const user = upsertPerson(telegram, { user: userId });
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
