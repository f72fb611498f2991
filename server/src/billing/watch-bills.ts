/** Looks every minute for bills that were left open. */
import { guarded } from "@starai/protocol/guarded";
import type { MoneyContext } from "./context.ts";
import { sweepBills } from "./sweep-bills.ts";

const EVERY_MS = 60_000;

/** Returns how to end it; resolves once a look under way is over. */
export function watchBills(ctx: MoneyContext): { stop(): Promise<void> } {
  let looking: Promise<unknown> = Promise.resolve();
  const look = async () => {
    if (ctx.health.database === "away") return;
    await sweepBills(ctx).catch((error: unknown) => {
      if (!ctx.health.noticed(error))
        ctx.log.warn({ err: error }, "bills could not be looked for; the next look does it");
    });
  };
  const timer = setInterval(
    guarded(ctx.log, "a look at the bills", () => (looking = look())),
    EVERY_MS,
  );
  return {
    stop: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}
