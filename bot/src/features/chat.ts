/** Ordinary messages: the message is sent to the server, and its run's answer to the chat. */
import { Composer } from "grammy";
import { ServerRefused, answerOf } from "@starai/server/client";
import { chatName, messageName, placeOf } from "../chat-place.ts";
import type { BotContext, BotDeps } from "../context.ts";
import { contextOf, isAddressed, questionOf } from "../addressed.ts";
import type { Question } from "../addressed.ts";
import { readMessage } from "../intake/read-message.ts";
import { personOf } from "../person.ts";
import { answerRun } from "../streaming/answer-run.ts";

export function chatFeature(deps: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.on("message").filter(isAddressed, async (ctx) => {
    const question = questionOf(ctx);
    if (question === null && ctx.msg.text !== undefined) return void (await ctx.reply(ctx.t("group.called")));
    const read = await readMessage(deps, ctx, question?.text ?? null);
    if (read.kind === "reply") return void (await ctx.reply(read.text));
    await answerQuestion(deps, ctx, { text: read.text, repliedTo: question?.repliedTo ?? null });
  });
  return feature;
}

async function answerQuestion(deps: BotDeps, ctx: BotContext, question: Question): Promise<void> {
  const asked = placeOf(ctx);
  const person = personOf(ctx);
  const message = ctx.msgId;
  if (asked === null || person === null || message === undefined) return;
  const place = { ...asked, chatId: deps.moved.now(asked.chatId) };
  const externalId = messageName(asked.chatId, message);
  const json = { person, chat: chatName(place), externalId, text: question.text, ...contextOf(question) };
  try {
    const { run } = await answerOf(() => deps.server.api.messages.$post({ json }), { signal: deps.stopping });
    // If the group moved meanwhile, the message id refers to another message.
    const replyTo = place.chatId === asked.chatId ? { replyTo: message } : {};
    await answerRun(deps, { place, runId: run, ...replyTo, t: ctx.t });
  } catch (error) {
    if (!(error instanceof ServerRefused && error.code === "queue_full")) throw error;
    await ctx.reply(ctx.t("chat.too_many"));
  }
}
