/** The list prices of every model that is sold, in dollars, how busy it is, and what machines lend to groups. */
import type { PoolPrices } from "@starai/protocol/pool-prices";
import type { MoneyContext } from "../billing/context.ts";
import type { PoolContext } from "../pool/context.ts";
import { listPrices } from "../prices/price-table.ts";

/** Micro-dollars of a coin are for 10^9 nano units of it. */
const NANO = 1_000_000_000n;

export async function poolPrices(ctx: MoneyContext & Pick<PoolContext, "groups" | "registry">): Promise<PoolPrices> {
  const [{ prices, feeBasisPoints }, { rate, usable }] = await Promise.all([ctx.settings.now(), ctx.rates.current()]);
  const microUsdPerCoin = usable && rate !== null ? rate.microUsdPerCoin : null;
  const inDollars = (price: bigint) =>
    prices.unit === "micro_usd" ? price : microUsdPerCoin === null ? null : (price * microUsdPerCoin) / NANO;
  const models = [...ctx.catalogue.values()].flatMap((model) => {
    const list = listPrices(prices, model);
    const [prompt, cached, answer] = [list?.prompt, list?.cached, list?.answer].map((price) =>
      price === undefined ? null : inDollars(price),
    );
    if (prompt == null || cached == null || answer == null) return [];
    const load = ctx.registry.loads.of(model.id);
    return [{ id: model.id, prompt: String(prompt), cached: String(cached), answer: String(answer), load }];
  });
  return {
    coin: ctx.config.coin,
    microUsdPerCoin: microUsdPerCoin === null ? null : String(microUsdPerCoin),
    feeBasisPoints,
    models,
    lent: [...ctx.groups.lent],
  };
}
