/**
 * A question edited in the chat becomes a new version of it, like an edit in the app, and is answered again. The
 * server decides which edits count; the others are ignored silently, since people fix typos in old messages.
 */
import { Composer } from "grammy";
import { ServerRefused, answerOf } from "@starai/server/client";
import { contextOf, questionOf } from "../addressed.ts";
import { chatName, messageName, placeOf } from "../chat-place.ts";
import type { BotContext, BotDeps } from "../context.ts";
import { isCut } from "../intake/gather-parts.ts";
import { readMessage } from "../intake/read-message.ts";
import { answerRun } from "../streaming/answer-run.ts";

export function editedFeature(deps: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.on("edited_message", async (ctx) => {
    const place = placeOf(ctx);
    const question = questionOf(ctx);
    const message = ctx.editedMessage;
    // A command is not a question, and the first piece of a cut paste is only a part of one.
    if (place === null || question === null || question.text.startsWith("/") || isCut(message)) return;
    const read = await readMessage(deps, ctx, question.text);
    if (read.kind === "reply") return;
    const name = messageName(place.chatId, message.message_id);
    // Edits of one second carry the same date; their updates' numbers differ, and are the same when sent again.
    const json = {
      chat: chatName(place),
      edits: name,
      externalId: `${name}:edit-${ctx.update.update_id}`,
      text: read.text,
      ...contextOf(question),
    };
    const revise = async () => {
      const post = () => deps.server.api.messages.revised.$post({ json });
      const { revised } = await answerOf(post, { signal: deps.stopping });
      return revised;
    };
    try {
      // Sent at once to end the answer to the old text, for which the lane would otherwise wait.
      const early = await revise();
      if (early === null && deps.lanes.isFull(chatName(place))) return;
      await deps.lanes.run(chatName(place), async () => {
        // The original message may have been waiting in the lane until now.
        const revised = early ?? (await revise());
        if (revised === null) return;
        await answerRun(deps, { place, runId: revised.run, replyTo: message.message_id, t: ctx.t });
      });
    } catch (error) {
      if (!(error instanceof ServerRefused && error.code === "queue_full")) throw error;
      await ctx.reply(ctx.t("chat.too_many"));
    }
  });
  return feature;
}
