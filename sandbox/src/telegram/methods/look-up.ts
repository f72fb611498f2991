/** Methods that look up the bot itself, chats and members. */
import { z } from "zod";
import type { ChatFullInfo, ChatMember, User } from "@grammyjs/types";
import { method } from "../method.ts";
import { ChatId, Integer } from "../parameters.ts";
import { chatToWriteTo } from "../send.ts";
import { TelegramError } from "../telegram-error.ts";

export const lookUp = [
  method("getMe", z.object({}), (telegram) => telegram.me),
  method("getChat", z.object({ chat_id: ChatId }), (telegram, p): ChatFullInfo => {
    const chat = chatToWriteTo(telegram, p.chat_id);
    return { ...chat, accent_color_id: 0, max_reaction_count: 11 } as unknown as ChatFullInfo;
  }),
  method("getChatMember", z.object({ chat_id: ChatId, user_id: Integer }), (telegram, p): ChatMember => {
    chatToWriteTo(telegram, p.chat_id);
    const user = p.user_id === telegram.me.id ? telegram.me : telegram.world.users.get(p.user_id);
    if (!user) throw TelegramError.badRequest("PARTICIPANT_ID_INVALID");
    if (telegram.world.admins.has(`${p.chat_id}/${p.user_id}`)) return administrator(user);
    return { status: "member", user };
  }),
  method("getChatMemberCount", z.object({ chat_id: ChatId }), (telegram, p) => {
    const chat = chatToWriteTo(telegram, p.chat_id);
    const writers = [...(telegram.world.messages.get(chat.id)?.values() ?? [])].map(({ message }) => message.from?.id);
    return new Set([telegram.me.id, ...writers]).size;
  }),
];

/** An administrator with the fields a bot reads: the status. */
function administrator(user: User): ChatMember {
  return { status: "administrator", user, can_be_edited: false, is_anonymous: false } as unknown as ChatMember;
}
