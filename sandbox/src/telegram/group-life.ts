/** What happens to a group: the bot is added, somebody becomes an administrator, it becomes a supergroup. */
import type { Chat, Message, User } from "@grammyjs/types";
import { Impossible, introduce } from "./person.ts";
import type { Telegram } from "./telegram.ts";
import { unixSeconds } from "./telegram.ts";

/** Who speaks for an anonymous administrator: one user for all of them, beside the group in whose name it is said. */
export const ANONYMOUS_ADMIN: User = {
  id: 1_087_968_824,
  is_bot: true,
  first_name: "Group",
  username: "GroupAnonymousBot",
};
/** Supergroups have numbers below this one, and other groups above. */
const SUPERGROUPS_BELOW = -1_000_000_000_000;

/** A group that was not there, with the bot in it; the bot hears of it. */
export function addBotToGroup(
  telegram: Telegram,
  { user, chat: id, title }: { user: number; chat: number; title: string },
): void {
  const from = introduce(telegram, { user });
  const chat: Chat = { id, type: id < SUPERGROUPS_BELOW ? "supergroup" : "group", title };
  telegram.commit({ kind: "chat", chat });
  telegram.updates.push("my_chat_member", {
    chat,
    from,
    date: unixSeconds(telegram),
    old_chat_member: { user: telegram.me, status: "left" },
    new_chat_member: { user: telegram.me, status: "member" },
  });
}

export function setAdmin(telegram: Telegram, { chat, user }: { chat: number; user: number }): void {
  telegram.commit({ kind: "admin", chat, user, admin: true });
}

/** The group goes on under another number; its messages stay behind. Told to the bot in both, in this order. */
export function migrateGroup(telegram: Telegram, { chat: id, to }: { chat: number; to: number }): void {
  const old = telegram.world.chats.get(id);
  if (old?.type !== "group") throw new Impossible(`${id} is no group that could become a supergroup.`);
  const chat: Chat = { id: to, type: "supergroup", title: old.title };
  telegram.commit({ kind: "chat", chat });
  announce(telegram, old, { migrate_to_chat_id: to });
  telegram.commit({ kind: "moved", chat: id, to });
  announce(telegram, chat, { migrate_from_chat_id: id });
}

function announce(telegram: Telegram, chat: Chat, what: Partial<Message>): void {
  const message_id = telegram.world.nextMessageId(chat.id);
  const message: Message = {
    message_id,
    chat,
    date: unixSeconds(telegram),
    from: ANONYMOUS_ADMIN,
    sender_chat: chat,
    ...what,
  };
  telegram.commit({ kind: "message", stored: { message } });
  telegram.updates.push("message", message as never);
}
