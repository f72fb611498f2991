/** Changes of a group: adding the bot, making somebody an administrator, migrating to a supergroup. */
import type { Chat, Message, User } from "@grammyjs/types";
import { ClientRefusal, upsertPerson } from "./person.ts";
import type { Telegram } from "./telegram.ts";
import { unixSeconds } from "./telegram.ts";

/** Telegram's sender of anonymous administrators' messages: one user for all; `sender_chat` names the group. */
export const ANONYMOUS_ADMIN: User = {
  id: 1_087_968_824,
  is_bot: true,
  first_name: "Group",
  username: "GroupAnonymousBot",
};
/** Ids of supergroups are below this, those of other groups above. */
const SUPERGROUPS_BELOW = -1_000_000_000_000;

/** Creates a group with the bot in it and queues the bot's update. */
export function addBotToGroup(
  telegram: Telegram,
  { user, chat: id, title }: { user: number; chat: number; title: string },
): void {
  const from = upsertPerson(telegram, { user });
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

/** Moves the group to a new id without its messages, and announces it in the old chat, then in the new one. */
export function migrateGroup(telegram: Telegram, { chat: id, to }: { chat: number; to: number }): void {
  const old = telegram.world.chats.get(id);
  if (old?.type !== "group") throw new ClientRefusal(`${id} is not a group that can become a supergroup.`);
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
