/** Whatever says something: the message goes to the server, its run's answer comes back. */
import { Composer } from "grammy";
import { ServerRefused, answerOf } from "@starai/server/client";
import { chatName, messageName, placeOf } from "../chat-place.ts";
import type { BotContext, BotDeps } from "../context.ts";
import { addressedText, isAddressed } from "../addressed.ts";
import { readMessage } from "../intake/read-message.ts";
import { personOf } from "../person.ts";
import { answerRun } from "../streaming/answer-run.ts";

export function chatFeature(deps: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.on("message").filter(isAddressed, async (ctx) => {
    const words = addressedText(ctx);
    if (words === null && ctx.msg.text !== undefined) return;
    const read = await readMessage(deps, ctx, words);
    if (read.kind === "reply") return void (await ctx.reply(read.text));
    const { text } = read;
    const place = placeOf(ctx);
    const person = personOf(ctx);
    if (place === null || person === null) return;
    const replyTo = ctx.msg.message_id;
    try {
      const json = { person, chat: chatName(place), externalId: messageName(place.chatId, replyTo), text };
      const { run } = await answerOf(() => deps.server.api.messages.$post({ json }), { signal: deps.stopping });
      await answerRun(deps, { api: ctx.api, place, runId: run, replyTo, t: ctx.t });
    } catch (error) {
      if (!(error instanceof ServerRefused && error.code === "queue_full")) throw error;
      await ctx.reply(ctx.t("chat.too_many"));
    }
  });
  return feature;
}
