/** Everything that goes on with an open chain: what its transactions are to the books, and what is compared with it. */
import type { Chain } from "./chain/chain.ts";
import { chainLook } from "./chain/look-at-chain.ts";
import type { Readings } from "./chain/look-at-chain.ts";
import type { ChainContext } from "./chain/context.ts";
import { ownReading } from "./chain/reading.ts";
import type { ReadTransaction } from "./chain/reading.ts";
import { readSettlement } from "./chain/read-settlement.ts";
import { reconcile } from "./chain/reconcile.ts";
import { repeat } from "./chain/repeat.ts";
import { StakeWatch } from "./contributors/look-at-stakes.ts";
import { checkLargeDeposits } from "./deposits/check-large.ts";
import { depositsReading } from "./deposits/read-deposit.ts";
import type { EarningsContext } from "./earnings/context.ts";
import { readClaim } from "./earnings/read-claim.ts";
import { watchEpochs } from "./earnings/watch-epochs.ts";
import { lookAtEscrows } from "./escrow/look-at-escrows.ts";
import { tillReading } from "./escrow/read-payment.ts";
import { hotReading } from "./payouts/hot/read-hot-transaction.ts";
import { watchPayouts } from "./payouts/hot/watch-payouts.ts";
import { settleDay } from "./settlement/settle-day.ts";

/** Blocks come every few seconds. */
const LOOK_MS = 3_000;
/** The other endpoint may be a few seconds behind, and somebody waits. */
const CHECK_MS = 15_000;
const COMPARE_MS = 5 * 60_000;
/** Answers are paid from what was seen five minutes ago at most. */
const ESCROWS_MS = 60_000;
/** Who looks at their stake in the app is looked at then; others see it within a minute, as promised. */
const STAKES_MS = 30_000;

const readPool: ReadTransaction = async ({ tx }, transaction) =>
  (await readSettlement(tx, transaction)) ?? (await readClaim(tx, transaction)) ?? ownReading(transaction, "own");

export function readingsOf(ctx: ChainContext): Readings {
  return { deposits: depositsReading(ctx), hot: hotReading(ctx), till: tillReading(ctx), pool: readPool };
}

/** Works by itself until it is stopped. */
export function watchChain(ctx: EarningsContext, chain: Chain): { stop(): Promise<void> } {
  const look = chainLook(ctx, chain, readingsOf(ctx));
  const looks = repeat(ctx, { what: "the TON network is read", everyMs: LOOK_MS }, look);
  // Nobody is paid out until somebody compared.
  ctx.ton.drifted = true;
  const payouts = watchPayouts(ctx, chain);
  ctx.ton.poke = () => {
    looks.poke();
    payouts.poke();
  };
  const comparisons = repeat(ctx, { what: "the books are compared with the chain", everyMs: COMPARE_MS }, (signal) =>
    reconcile(ctx, chain, signal),
  );
  const checks = repeat(
    ctx,
    { what: "large deposits are checked at the second endpoint", everyMs: CHECK_MS },
    (signal) => checkLargeDeposits(ctx, chain, signal),
  );
  const escrows = repeat(ctx, { what: "escrows are looked at", everyMs: ESCROWS_MS }, (signal) =>
    lookAtEscrows(ctx, chain, signal),
  );
  const staked = new StakeWatch(ctx);
  const stakes = repeat(ctx, { what: "contributors' stakes are looked at", everyMs: STAKES_MS }, (signal) =>
    staked.look(chain, signal),
  );
  const epochs = watchEpochs(ctx, chain, (signal) => settleDay(ctx, signal));
  return {
    stop: async () => {
      ctx.ton.poke = () => undefined;
      const all = [payouts, looks, comparisons, checks, escrows, stakes, epochs];
      await Promise.all(all.map((one) => one.stop()));
    },
  };
}
