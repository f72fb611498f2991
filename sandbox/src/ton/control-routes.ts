/** Sandbox-only routes: a faucet for play money, and control of chain time. Must be mounted behind the origin guard. */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { ChainBusy } from "./chain.ts";
import type { Chain } from "./chain.ts";
import type { ChainClock } from "./chain-clock.ts";
import { EmulatorBusy } from "./executor.ts";
import { FAUCET_NANO_MAX } from "./faucet.ts";
import type { Faucet } from "./faucet.ts";
import { AddressInput } from "./toncenter/inputs.ts";

const Gift = z.object({
  address: AddressInput,
  amount: z
    .string()
    .regex(/^[1-9]\d{0,18}$/, "amount is a decimal string of nano units")
    .transform(BigInt)
    .refine((nano) => nano <= FAUCET_NANO_MAX, `at most ${FAUCET_NANO_MAX} nano units at once`),
});
/** At most ten years per request; the longest period a contract is tested for is forty years of storage debt. */
const Advance = z.object({
  advanceS: z
    .number()
    .int()
    .min(1)
    .max(10 * 365 * 86_400),
});

interface Controlled {
  readonly chain: Chain;
  readonly clock: ChainClock;
  readonly faucet: Faucet;
}

export function controlRoutes({ chain, clock, faucet }: Controlled): Hono {
  return new Hono()
    .use(bodyLimit({ maxSize: 4 * 1024 }))
    .get("/time", (c) => c.json(timeOf(chain, clock)))
    .post("/faucet", async (c) => {
      const gift = Gift.safeParse(await c.req.json().catch(() => null));
      if (!gift.success) return c.json({ error: sentence(gift.error, '{"address", "amount" in nano units}') }, 422);
      try {
        await faucet.give(gift.data.address, gift.data.amount);
      } catch (error) {
        if (error instanceof ChainBusy || error instanceof EmulatorBusy) return c.json({ error: error.message }, 429);
        throw error;
      }
      const balance = chain.account(gift.data.address).account?.storage.balance.coins ?? 0n;
      return c.json({ address: gift.data.address.toRawString(), balance: balance.toString() });
    })
    .post("/time", async (c) => {
      const advance = Advance.safeParse(await c.req.json().catch(() => null));
      if (!advance.success)
        return c.json({ error: sentence(advance.error, '{"advanceS"}, seconds, ten years at most') }, 422);
      try {
        clock.advance(advance.data.advanceS * 1_000);
      } catch (error) {
        if (error instanceof RangeError) return c.json({ error: error.message }, 422);
        throw error;
      }
      return c.json(timeOf(chain, clock));
    });
}

function timeOf(chain: Chain, clock: ChainClock) {
  return { nowS: chain.nowS(), movedS: Math.floor(clock.offsetMs / 1_000) };
}

function sentence({ issues }: z.ZodError, wanted: string): string {
  return `Send ${wanted}: ${issues[0]!.message}.`;
}
