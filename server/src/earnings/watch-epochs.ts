/** Epochs go on by themselves: the running one is closed when its time is over, and brought to the chain. */
import type { Chain } from "../chain/chain.ts";
import { repeat } from "../chain/repeat.ts";
import type { Repeated } from "../chain/repeat.ts";
import { isHalted } from "../payouts/withdraw-limits.ts";
import { closeEpoch } from "./close-epoch.ts";
import type { EarningsContext } from "./context.ts";
import { seeDistributor } from "./distributor.ts";
import { publishRound } from "./publish-epoch.ts";
import type { Published } from "./publish-epoch.ts";
import { publisherOf } from "./publisher.ts";

/** Two questions to the endpoint each time. */
const EVERY_MS = 15_000;
/** Where an epoch's time is over and nothing is to be released, it is looked at again after this. */
const IDLE_MS = 60_000;
/** File, proposal and what follows need no pause between them. */
const STEPS_MAX = 3;

const TOLD: Partial<Record<Published, string>> = {
  poor: "the publisher's wallet has too little to propose and open epochs: send it a coin",
  no_publisher:
    "this server cannot propose the closed epoch: TON_PUBLISHER_SEED is missing, or the distributor has another publisher",
};

/** @param settle  moves coins to the pool, once a day at most, where a root waits for them */
export function watchEpochs(
  ctx: EarningsContext,
  chain: Chain,
  settle: (signal: AbortSignal) => Promise<void>,
): Repeated {
  const publisher = publisherOf(chain);
  let before: Published | null = null;
  let idleUntil = 0;
  return repeat(ctx, { what: "epochs are closed and published", everyMs: EVERY_MS }, async (signal) => {
    if (ctx.health.database === "away") return;
    const seen = await seeDistributor(chain, signal);
    Object.assign(ctx.ton, { epochSeconds: seen.epochSeconds, delaySeconds: seen.delaySeconds });
    if (!isHalted(ctx) && ctx.clock() >= idleUntil) {
      const closed = await closeEpoch(ctx, seen, { signal });
      idleUntil = closed === "nothing" ? ctx.clock() + IDLE_MS : 0;
      if (typeof closed !== "string")
        ctx.log.info({ epoch: closed.number, released: String(closed.released) }, "an epoch was closed");
    }
    for (let step = 0; step < STEPS_MAX; step++) {
      const published = await publishRound(ctx, { chain, publisher, proofs: ctx.proofs }, { seen, signal });
      const words = TOLD[published];
      if (words !== undefined && published !== before) ctx.log.error(words);
      before = published;
      if (published === "pool") await settle(signal);
      if (published !== "write_file") return;
    }
  });
}
