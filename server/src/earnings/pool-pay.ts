/** What anybody may know of prices and pay: by model and by class of machine, never of one worker. */
import type { PoolPay } from "@starai/protocol/pool-status";
import type { Base } from "../base.ts";
import { deviceClass } from "../pool/device-class.ts";
import type { PoolContext } from "../pool/context.ts";
import { lockPrice } from "../prices/locked-price.ts";
import { listPrices } from "../prices/price-table.ts";
import { typicalAnswer } from "../prices/quote.ts";

/** Anybody may ask: the database is asked once a minute at most. */
const FRESH_MS = 60_000;
const DAY_MS = 24 * 60 * 60_000;
/** Of fewer each owner could tell what the others are paid. */
const MACHINES_LEAST = 3;
/** Below it a class says what one lucky answer was worth. */
const ONLINE_LEAST_S = 3_600;

type Parts = Pick<PoolContext, "catalogue" | "clock" | "config" | "pg" | "rates" | "registry" | "settings">;

export class PoolPayBoard {
  readonly #ctx: Parts;
  #read: { at: number; pay: Promise<PoolPay> } | null = null;

  constructor(ctx: Parts) {
    this.#ctx = ctx;
  }

  now(): Promise<PoolPay> {
    const now = this.#ctx.clock();
    if (this.#read === null || now - this.#read.at > FRESH_MS) {
      const pay = readPay(this.#ctx, now);
      this.#read = { at: now, pay };
      // A fault is not kept: the next one asks again.
      pay.catch(() => (this.#read = null));
    }
    return this.#read.pay;
  }
}

async function readPay(ctx: Parts, now: number): Promise<PoolPay> {
  const [classes, prices] = await Promise.all([classesOf(ctx, now), pricesOf(ctx)]);
  return { coin: ctx.config.coin, classes, prices };
}

/** Of machines that are here now, over the last day; the best paid first. */
async function classesOf({ pg, registry }: Parts, now: number): Promise<PoolPay["classes"]> {
  const day = await dayOf(pg, { workers: registry.connectedWorkers().map(({ id }) => id), since: now - DAY_MS });
  const classes = new Map<string, PoolPay["classes"][number] & { onlineS: number; earned: bigint }>();
  for (const { id, facts } of registry.connectedWorkers()) {
    const { kind, name } = deviceClass(facts.devices);
    const key = `${kind} ${name}`;
    const known = classes.get(key) ?? { kind, name, machines: 0, paidPerHour: null, onlineS: 0, earned: 0n };
    const { onlineS = 0, earned = 0n } = day.get(id) ?? {};
    classes.set(key, {
      ...known,
      machines: known.machines + 1,
      onlineS: known.onlineS + onlineS,
      earned: known.earned + earned,
    });
  }
  return [...classes.values()]
    .map(({ onlineS, earned, ...shown }) => ({
      ...shown,
      paidPerHour:
        shown.machines < MACHINES_LEAST || onlineS < ONLINE_LEAST_S
          ? null
          : String((earned * 3_600n) / BigInt(onlineS)),
    }))
    .toSorted((one, other) => Number(BigInt(other.paidPerHour ?? -1) - BigInt(one.paidPerHour ?? -1)));
}

async function dayOf(
  pg: Pick<Base["pg"], "query">,
  { workers, since }: { workers: readonly string[]; since: number },
): Promise<Map<string, { onlineS: number; earned: bigint }>> {
  const { rows } = await pg.query<{ worker: string; online_s: number; earned: string }>(
    `select worker, sum(online_s)::int as online_s, sum(earned)::text as earned from worker_hours
     where worker = any($1) and hour > $2 group by worker`,
    [workers, new Date(since)],
  );
  return new Map(rows.map((row) => [row.worker, { onlineS: row.online_s, earned: BigInt(row.earned) }]));
}

/** What a usual answer costs now, at what the cheapest machine asks; null without a price, a rate or a machine. */
async function pricesOf(ctx: Parts): Promise<PoolPay["prices"]> {
  const [{ prices }, current] = await Promise.all([ctx.settings.now(), ctx.rates.current()]);
  const rate = current.usable ? current.rate : null;
  return ctx.registry.status().models.map(({ id }) => {
    const model = ctx.catalogue.get(id);
    const list = model === undefined ? null : listPrices(prices, model);
    const { askPercent } = ctx.registry.asksOf(id, { constrained: false, promptTokens: 0, maxTokens: 1, person: "" });
    if (list === null) return { model: id, answer: null };
    const locked = lockPrice({ unit: prices.unit, list, paidIn: "coin", askPercent, rate });
    return { model: id, answer: locked === null ? null : String(typicalAnswer(locked.perMillion)) };
  });
}
