/** Stop: Telegram's button under a draft, ours under a group's growing answer, and /stop. Never waits for a lane. */
import { Composer } from "grammy";
import { pause } from "@starai/protocol/pause";
import { answerOf } from "@starai/server/client";
import { chatName, draftIdOf, placeOf } from "../chat-place.ts";
import type { BotContext, BotDeps } from "../context.ts";
import { runOfChat } from "../run-of-chat.ts";
import { tellTap } from "../tap-answer.ts";

/** Polls for the run of a question sent just before /stop: ten, 0.2 s apart. */
const LOOKS_MAX = 10;
const LOOK_AGAIN_MS = 200;

export function stopFeature(deps: BotDeps): Composer<BotContext> {
  const { server } = deps;
  const feature = new Composer<BotContext>();
  const cancel = (id: string) => answerOf(() => server.api.runs[":id"].cancel.$post({ param: { id } }));

  feature.on("stopped_message_generation", async (ctx) => {
    const { chat, message_thread_id: topicId, draft_id } = ctx.update.stopped_message_generation;
    const run = await runningRun(
      deps,
      chatName({ chatId: chat.id, private: true, ...(topicId === undefined ? {} : { topicId }) }),
    );
    // The draft's number is made from its run: a tap that comes late must not stop the next answer.
    if (run !== null && draftIdOf(run) === draft_id) await cancel(run);
  });

  feature.command("stop", async (ctx) => {
    const place = placeOf(ctx);
    const run = place && (await awaitedRun(deps, chatName(place)));
    if (run !== null) await cancel(run);
    // In a group, /stop may be meant for another bot.
    const isOurs = run !== null || ctx.chat.type === "private" || ctx.msg.text.includes("@");
    if (isOurs) await ctx.reply(ctx.t(run === null ? "stop.nothing" : "stop.done"));
  });

  feature.callbackQuery(/^stop:([0-9a-f-]{36})$/, async (ctx) => {
    const place = placeOf(ctx);
    const run = place && (await runOfChat(server, place, ctx.match[1] ?? ""));
    if (run?.status === "running") await cancel(run.id);
    await (run ? ctx.answerCallbackQuery() : tellTap(ctx, ctx.t("button.stale")));
  });
  return feature;
}

async function runningRun({ server }: BotDeps, chat: string): Promise<string | null> {
  const { run } = await answerOf(() => server.api.chats[":chat"].running.$get({ param: { chat } }));
  return run;
}

/** The run of the current question; waits for it while the question is on its way to the server. */
async function awaitedRun(deps: BotDeps, chat: string): Promise<string | null> {
  for (let looks = 1; ; looks++) {
    const run = await runningRun(deps, chat);
    if (run !== null || looks === LOOKS_MAX || !deps.lanes.isBusy(chat)) return run;
    await pause(LOOK_AGAIN_MS, deps.stopping);
  }
}
