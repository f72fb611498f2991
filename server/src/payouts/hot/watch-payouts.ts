/** Works on payouts every few seconds, and at once when one is asked for or the books know more. */
import { pause } from "@starai/protocol/pause";
import type { Chain } from "../../chain/chain.ts";
import type { ChainContext } from "../../chain/context.ts";
import { peopleAddress } from "../../chain/people-address.ts";
import { repeat } from "../../chain/repeat.ts";
import type { Repeated } from "../../chain/repeat.ts";
import { ownAddressOfHot } from "../../chain/watched-accounts.ts";
import { arePayoutsHalted } from "../withdraw-limits.ts";
import { payOut } from "./pay-out.ts";

const EVERY_MS = 3_000;
/** The vault is asked, a batch is given up, the next is signed: what follows at once has this pause. */
const STEP_MS = 200;
const STEPS_MAX = 4;

export function watchPayouts(ctx: ChainContext, chain: Chain): Repeated {
  let isPoor = false;
  return repeat(ctx, { what: "payouts go on", everyMs: EVERY_MS }, async (signal) => {
    // Where the database is away its outage is told already, and the next look works on.
    if (ctx.health.database === "away") return;
    for (let steps = 0; steps < STEPS_MAX && !signal.aborted; steps++) {
      const step = await payOut(ctx, chain, { halted: await arePayoutsHalted(ctx), signal });
      if (step === "poor" && !isPoor)
        ctx.log.error(
          { wallet: peopleAddress(chain, ownAddressOfHot(chain)!.toRawString()) },
          "the hot wallet has too little to ask the deposits vault for more: payouts wait. Send it a coin",
        );
      isPoor = step === "poor";
      if (step !== "done") return;
      ctx.ton.poke();
      await pause(STEP_MS, signal);
    }
  });
}
