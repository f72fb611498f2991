/** An unknown command is answered with the list of commands and is not sent to a model. */
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

/** Whether the message begins with a command; a forwarded one counts as text. */
function beginsWithCommand(ctx: BotContext): boolean {
  if (ctx.msg?.forward_origin !== undefined) return false;
  return ctx.msg?.entities?.some(({ type, offset }) => type === "bot_command" && offset === 0) === true;
}

/** Whether the command is for this bot; in a group it may be for another. */
function isMeantForUs(ctx: BotContext): boolean {
  const named = /^\/\w+@(\w+)/.exec(ctx.msg?.text ?? "")?.[1];
  if (named !== undefined) return named.toLowerCase() === ctx.me.username.toLowerCase();
  return ctx.chat?.type === "private" || repliesToBot(ctx);
}
