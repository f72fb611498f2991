/** The buttons under notices: takes a change of wallet or a withdrawal back. */
import { Composer } from "grammy";
import { ServerRefused, answerOf } from "@starai/server/client";
import type { BotContext, BotDeps } from "../context.ts";
import { isPrivate } from "../payments/private-only.ts";
import { personOf } from "../person.ts";
import { tellTap } from "../tap-answer.ts";

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const CHANGE = new RegExp(`^wallet:cancel:(${UUID})$`);
const PAYOUT = new RegExp(`^payout:cancel:(${UUID})$`);

export function cancelMoneyFeature({ server }: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  const { wallets, payouts } = server.api.people[":telegramId"];
  feature.callbackQuery(CHANGE, async (ctx) => {
    const param = await whose(ctx);
    if (param === null) return;
    const isDone = await isCancelled(() => answerOf(() => wallets[":id"].cancel.$post({ param })));
    await answer(ctx, ctx.t(isDone ? "notice.change_cancelled" : "notice.change_too_late"));
  });
  feature.callbackQuery(PAYOUT, async (ctx) => {
    const param = await whose(ctx);
    if (param === null) return;
    const isDone = await isCancelled(() => answerOf(() => payouts[":id"].cancel.$post({ param })));
    await answer(ctx, ctx.t(isDone ? "notice.payout_cancelled" : "notice.payout_too_late"));
  });
  return feature;
}

async function whose(ctx: BotContext): Promise<{ telegramId: string; id: string } | null> {
  const person = personOf(ctx);
  const id = ctx.match?.[1];
  if (!(await isPrivate(ctx)) || person === null || id === undefined) return null;
  return { telegramId: String(person.telegramId), id };
}

/** False where the server refuses; then nothing has changed. */
async function isCancelled(cancel: () => Promise<unknown>): Promise<boolean> {
  try {
    await cancel();
    return true;
  } catch (error) {
    if (error instanceof ServerRefused && (error.code === "conflict" || error.code === "not_found")) return false;
    throw error;
  }
}

/** The button has done what it can, in either case. */
async function answer(ctx: BotContext, words: string): Promise<void> {
  await tellTap(ctx, words);
  await ctx.editMessageReplyMarkup().catch(() => undefined);
}
