/** The Continue button under an answer that was interrupted. */
import { Composer } from "grammy";
import { ServerRefused, answerOf } from "@starai/server/client";
import { chatName, placeOf } from "../chat-place.ts";
import type { BotContext, BotDeps } from "../context.ts";
import { runOfChat } from "../run-of-chat.ts";
import { answerRun } from "../streaming/answer-run.ts";
import { isTapFresh, tellTap } from "../tap-answer.ts";

export function continueFeature(deps: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.callbackQuery(/^continue:([0-9a-f-]{36})$/, async (ctx) => {
    const place = placeOf(ctx);
    const run = place && (await runOfChat(deps.server, place, ctx.match[1] ?? ""));
    if (!run) return tellTap(ctx, ctx.t("button.stale"));
    // The tap is answered at once; the run's answer waits its turn among the chat's messages.
    const goesOn = await goOn(deps, run.id);
    const isFresh = await isTapFresh(ctx, goesOn ? undefined : ctx.t("button.cannot_continue"));
    // An old tap may have been handled by an earlier bot process whose answer was never shown.
    const isUnseen = !isFresh && run.status === "answered";
    if (!goesOn && !isUnseen) return isFresh ? undefined : void (await ctx.reply(ctx.t("button.cannot_continue")));
    await ctx.editMessageReplyMarkup().catch(() => undefined);
    await deps.lanes.run(chatName(place), () => answerRun(deps, { place, runId: run.id, t: ctx.t }));
  });
  return feature;
}

async function goOn({ server }: BotDeps, id: string): Promise<boolean> {
  try {
    await answerOf(() => server.api.runs[":id"].continue.$post({ param: { id } }));
    return true;
  } catch (error) {
    if (error instanceof ServerRefused && error.code === "conflict") return false;
    throw error;
  }
}
