/** A command nobody here knows gets the list of those there are; it is no question, so no model reads it. */
import { Composer } from "grammy";
import { commandsLine } from "../commands.ts";
import type { BotContext, BotDeps } from "../context.ts";
import { repliesToBot } from "../replied-to.ts";

export function unknownCommandFeature({ appUrl }: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.on("message:entities:bot_command").filter(beginsWithCommand, async (ctx) => {
    if (isMeantForUs(ctx)) await ctx.reply(ctx.t("command.unknown", { commands: commandsLine(appUrl) }));
  });
  return feature;
}

/** One that was forwarded is something to read. */
function beginsWithCommand(ctx: BotContext): boolean {
  if (ctx.msg?.forward_origin !== undefined) return false;
  return ctx.msg?.entities?.some(({ type, offset }) => type === "bot_command" && offset === 0) === true;
}

/** In a group it may be another bot's, which answers it. */
function isMeantForUs(ctx: BotContext): boolean {
  const named = /^\/\w+@(\w+)/.exec(ctx.msg?.text ?? "")?.[1];
  if (named !== undefined) return named.toLowerCase() === ctx.me.username.toLowerCase();
  return ctx.chat?.type === "private" || repliesToBot(ctx);
}
