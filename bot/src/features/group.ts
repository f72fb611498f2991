/** Changes of a group itself: the bot is added to it, or it becomes a supergroup and so gets a new id. */
import { Composer } from "grammy";
import { answerOf } from "@starai/server/client";
import { chatName, placeOf } from "../chat-place.ts";
import type { BotContext, BotDeps } from "../context.ts";
import { readPersona } from "./persona.ts";

const AWAY: ReadonlySet<string> = new Set(["left", "kicked"]);

export function groupFeature(deps: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.on("my_chat_member").filter(wasAdded, async (ctx) => {
    if (!(await isKnown(deps, ctx))) await welcomeGroup(ctx);
  });
  // Telegram reports it in both groups; the first update moves the conversation, the second finds it moved.
  feature.on("message:migrate_to_chat_id", (ctx) => move(deps, ctx.chat.id, ctx.msg.migrate_to_chat_id));
  feature.on("message:migrate_from_chat_id", (ctx) => move(deps, ctx.msg.migrate_from_chat_id, ctx.chat.id));
  return feature;
}

/** Sends a short welcome to a group. */
export async function welcomeGroup(ctx: BotContext): Promise<void> {
  await ctx.reply(ctx.t("group.welcome", { bot: ctx.me.username }), { parse_mode: "HTML" });
}

function wasAdded(ctx: BotContext): boolean {
  const change = ctx.myChatMember;
  const isGroup = ctx.chat?.type === "group" || ctx.chat?.type === "supergroup";
  return (
    isGroup && AWAY.has(change?.old_chat_member?.status ?? "") && !AWAY.has(change?.new_chat_member.status ?? "left")
  );
}

/** A group with a conversation knows the bot; becoming a supergroup can look like being added to one. */
async function isKnown(deps: BotDeps, ctx: BotContext): Promise<boolean> {
  const place = placeOf(ctx);
  return place !== null && (await readPersona(deps, chatName(place))).thread !== null;
}

async function move({ server, moved }: BotDeps, from: number, to: number): Promise<void> {
  moved.moved({ from, to });
  const param = { chat: chatName({ chatId: from, private: false }) };
  const json = { to: chatName({ chatId: to, private: false }) };
  await answerOf(() => server.api.chats[":chat"].moved.$post({ param, json }));
}
