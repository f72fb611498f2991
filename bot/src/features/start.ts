/** /start; with a deep link's parameter the chat continues in the thread that it names, or a machine is paired. */
import { Composer, InlineKeyboard } from "grammy";
import { ServerRefused, answerOf } from "@starai/server/client";
import { appButton, pairingOfParameter, screenButton, threadOfParameter } from "../app-link.ts";
import { chatName, placeOf } from "../chat-place.ts";
import type { BotContext, BotDeps } from "../context.ts";
import { escapeHtml } from "../streaming/telegram-html.ts";
import { welcomeGroup } from "./group.ts";
import { speakInMenu } from "./open-app.ts";

export function startFeature(deps: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.command("start", async (ctx) => {
    const thread = threadOfParameter(ctx.match);
    if (ctx.chat.type !== "private") return welcomeGroup(ctx);
    if (thread !== null) return goOnWith(deps, ctx, thread);
    const code = pairingOfParameter(ctx.match);
    if (code !== null) return pairMachine(deps, ctx, code);
    const button = appButton(deps, ctx);
    await ctx.reply(ctx.t("start.text", { name: escapeHtml(ctx.from?.first_name ?? "") }), {
      parse_mode: "HTML",
      ...(button ? { reply_markup: button } : {}),
    });
    await speakInMenu(deps, ctx);
  });
  return feature;
}

/** The app asks before it pairs: a link that somebody sent must not say whose a machine is. */
async function pairMachine(deps: BotDeps, ctx: BotContext, code: string): Promise<void> {
  const button = screenButton(deps, ctx.t("pairing.button"), `pair_${code}`);
  if (button === null) return void (await ctx.reply(ctx.t("pairing.no_app")));
  await ctx.reply(ctx.t("pairing.text"), { reply_markup: new InlineKeyboard([[button]]) });
}

async function goOnWith(deps: BotDeps, ctx: BotContext, thread: string): Promise<void> {
  const place = placeOf(ctx);
  if (place === null) return;
  const title = await makeCurrent(deps, chatName(place), thread);
  if (title === null) return void (await ctx.reply(ctx.t("thread.gone")));
  const button = appButton(deps, ctx, thread);
  await ctx.reply(ctx.t(title === "" ? "thread.new" : "thread.current", { title: escapeHtml(title) }), {
    parse_mode: "HTML",
    ...(button ? { reply_markup: button } : {}),
  });
}

/** Makes the thread current and returns its title; `null` if this chat has no such thread. */
async function makeCurrent({ server }: BotDeps, chat: string, thread: string): Promise<string | null> {
  try {
    const made = await answerOf(() => server.api.chats[":chat"].current.$post({ param: { chat }, json: { thread } }));
    return made.title;
  } catch (error) {
    if (error instanceof ServerRefused && error.code === "not_found") return null;
    throw error;
  }
}
