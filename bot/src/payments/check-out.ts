/** Agrees to a payment or says why not, before Telegram takes the Stars. */
import type { Filter } from "grammy";
import type { Translate } from "@starai/protocol/texts";
import { answerOf } from "@starai/server/client";
import type { BotContext, BotDeps } from "../context.ts";

/** Telegram waits ten seconds; nothing is lost by saying no after this. */
const PATIENCE_MS = 4_000;

/** Never throws: a query that was not answered is over, and its person may try again. */
export async function checkOut(deps: BotDeps, ctx: Filter<BotContext, "pre_checkout_query">): Promise<void> {
  const refusal = await refusalOf(deps, ctx);
  try {
    await (refusal === null ? ctx.answerPreCheckoutQuery(true) : ctx.answerPreCheckoutQuery(false, refusal));
  } catch (error) {
    deps.log.warn({ err: error }, "Telegram did not take the answer to a pre-checkout; nothing was paid");
  }
}

/** Null when it may go on. */
async function refusalOf({ server, log }: BotDeps, ctx: Filter<BotContext, "pre_checkout_query">) {
  const { from, currency, total_amount: amount, invoice_payload: payload } = ctx.preCheckoutQuery;
  const json = { payload, telegramId: from.id, currency, amount };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    const asked = answerOf(() => server.api.stars.checkouts.$post({ json }), { patienceMs: PATIENCE_MS, signal });
    const answer = await Promise.race([asked, late(signal)]);
    return answer.ok ? null : wordsFor(answer.why, ctx.t);
  } catch (error) {
    log.error({ err: error }, "a pre-checkout could not be checked and was refused");
    return ctx.t("stars.checkout.away");
  }
}

function late(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
}

type Why = "unknown" | "expired" | "paid" | "other_person" | "other_amount" | "subscribed";

function wordsFor(why: Why, t: Translate): string {
  return t(`stars.checkout.${why}`);
}
