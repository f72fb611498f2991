/** Stop: Telegram's own button under a draft, and ours under a group's growing answer. It never waits for a lane. */
import { Composer } from "grammy";
import { answerOf } from "@starai/server/client";
import { chatName, draftIdOf, placeOf } from "../chat-place.ts";
import type { BotContext, BotDeps } from "../context.ts";
import { runOfChat } from "../run-of-chat.ts";

export function stopFeature({ server }: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  const cancel = (id: string) => answerOf(() => server.api.runs[":id"].cancel.$post({ param: { id } }));

  feature.on("stopped_message_generation", async (ctx) => {
    const { chat, message_thread_id: topicId, draft_id } = ctx.update.stopped_message_generation;
    const place = { chatId: chat.id, private: true, ...(topicId === undefined ? {} : { topicId }) };
    const { run } = await answerOf(() => server.api.chats[":chat"].running.$get({ param: { chat: chatName(place) } }));
    // The draft's number is made from its run: a tap that comes late must not stop the next answer.
    if (run !== null && draftIdOf(run) === draft_id) await cancel(run);
  });

  feature.callbackQuery(/^stop:([0-9a-f-]{36})$/, async (ctx) => {
    const place = placeOf(ctx);
    const run = place && (await runOfChat(server, place, ctx.match[1] ?? ""));
    if (run?.status === "running") await cancel(run.id);
    await ctx.answerCallbackQuery(run ? {} : { text: ctx.t("button.stale") });
  });
  return feature;
}
