/** An operator returns a payment of Stars. Telegram returns it whole, also what was spent of it. */
import { Refusal } from "../errors.ts";
import { findCharge } from "./charges.ts";
import type { Settled } from "./charges.ts";
import type { StarsContext } from "./context.ts";
import type { RestTo } from "./plan-moves.ts";
import { noteRefund, noteRefused } from "./refund-acts.ts";
import { takeBackRefunded } from "./refunds.ts";
import { askTelegram, wordOf } from "./telegram.ts";

export interface ReturnOrder {
  readonly charge: string;
  readonly who: string;
  readonly why: string;
  /** Who bears what was spent: the house, or the person as a debt. */
  readonly restTo: RestTo;
}

export interface Returned extends Settled {
  /** What had been credited for it, in billionths of a Star. */
  readonly credited: bigint;
  /** Telegram returned it for this call, whoever heard of it first and booked it; false: it had before. */
  readonly returnedNow: boolean;
}

/**
 * Safe to repeat after any fault: Telegram returns a payment once, and whoever hears of it first (this command, the bot
 * or the statement) books it.
 * @throws Refusal `not_found` for a charge that is not stored here, or with what became of the call to Telegram
 */
export async function returnPayment(ctx: StarsContext, order: ReturnOrder): Promise<Returned> {
  const { charge } = order;
  const paid = await findCharge(ctx.db, charge, "paid");
  if (paid === null)
    throw new Refusal(
      "not_found",
      "No payment with this charge is stored here. `stars reconcile` stores what Telegram has; `stars show PERSON` lists charges. Nothing was returned.",
    );
  const { telegramId, stars, credits: credited } = paid;
  const isKnown = (await findCharge(ctx.db, charge, "refunded")) !== null;
  const returnedNow = !isKnown && (await askForReturn(ctx, { ...order, telegramId }));
  const at = Math.floor(ctx.clock() / 1_000);
  return { credited, returnedNow, ...(await takeBackRefunded(ctx, { charge, telegramId, stars, at })) };
}

/** False where Telegram had returned it before. */
async function askForReturn(ctx: StarsContext, order: ReturnOrder & { telegramId: number }): Promise<boolean> {
  const { charge, telegramId } = order;
  await noteRefund(ctx.db, order);
  try {
    await askTelegram(ctx, (api) => api.refundStarPayment(telegramId, charge));
    return true;
  } catch (error) {
    const word = wordOf(error);
    if (word?.includes("CHARGE_ALREADY_REFUNDED")) return false;
    // Without Telegram's word nobody knows whether it was done: then the operator's word must stay.
    if (error instanceof Refusal && error.code === "conflict") await noteRefused(ctx.db, order);
    throw error;
  }
}
