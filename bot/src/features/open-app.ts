/** /app: the Mini App, by a button in private chats and by a link elsewhere. */
import { Composer } from "grammy";
import { appButton, menuButton } from "../app-link.ts";
import type { BotContext, BotDeps } from "../context.ts";

export function openAppFeature(deps: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.command("app", async (ctx) => {
    if (deps.appUrl === null) return void (await ctx.reply(ctx.t("open.none")));
    const button = appButton(deps, ctx);
    if (button === null)
      return void (await ctx.reply(ctx.t("open.link", { link: `https://t.me/${ctx.me.username}?startapp` })));
    await ctx.reply(ctx.t("open.text"), { reply_markup: button });
    await speakInMenu(deps, ctx);
  });
  return feature;
}

/** Sets this chat's menu button in the person's language; the default one is in English. A failure is harmless. */
export async function speakInMenu({ appUrl, log }: BotDeps, ctx: BotContext): Promise<void> {
  if (appUrl === null || ctx.chat?.type !== "private") return;
  try {
    // Without `chat_id`, grammY's shortcut too changes the default button for everybody.
    await ctx.setChatMenuButton({ chat_id: ctx.chat.id, menu_button: menuButton(appUrl, ctx.t) });
  } catch (error) {
    log.info({ err: error }, "the menu button stays as it is");
  }
}
