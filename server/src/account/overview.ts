/** What a person has, what it can do, and what limits it: settings and rate, and three indexed reads. */
import { and, eq } from "drizzle-orm";
import type { MoneyOverview } from "@starai/protocol/money";
import { personOwner } from "../billing/bill.ts";
import type { MoneyContext } from "../billing/context.ts";
import { whyPaused } from "../billing/why-paused.ts";
import type { MoneySettings } from "../billing/money-settings.ts";
import { freeAnswers, freeBudgets, people, spendDays, spendingCaps, starSubscriptions } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { lockPrice } from "../prices/locked-price.ts";
import type { PaidIn } from "../prices/locked-price.ts";
import { listPrices } from "../prices/price-table.ts";
import { typicalAnswer } from "../prices/quote.ts";
import type { CurrentRate } from "../prices/rate.ts";
import { balancesOf } from "./balances.ts";
import type { Balances } from "./balances.ts";
import { chosenModel } from "./chosen-model.ts";
import type { Payer } from "./person-of.ts";
import { nextUtcDay, utcDay } from "./utc-day.ts";

/** @throws Refusal `signed_out` for somebody whose data was deleted meanwhile */
export async function moneyOverview(ctx: MoneyContext, { id }: Pick<Payer, "id">): Promise<MoneyOverview> {
  const [settings, current, rows, balances, spentToday] = await Promise.all([
    ctx.settings.now(),
    ctx.rates.current(),
    rowsOf(ctx, id),
    balancesOf(ctx.db, id),
    spentOn(ctx, id),
  ]);
  const { stars, coin } = balances;
  const model = chosenModel(ctx, [rows.model]);
  const usual = (paidIn: PaidIn) => typicalPrice(ctx, { settings, current, model, paidIn });
  return {
    coin: ctx.config.coin,
    free: freeOf(ctx, { settings, rows, model, owes: stars.debt > 0n }),
    stars: { spendable: String(stars.spendable), held: String(stars.held), debt: String(stars.debt) },
    prepaid: { spendable: String(coin.spendable), held: String(coin.held) },
    answer: { model, stars: usual("stars"), coin: usual("coin") },
    rate: rateOf(current),
    paused: await whyPaused(ctx, { paidIn: nextPaidIn(balances) }),
    caps: capsOf(settings, rows),
    spentToday,
    subscription: subscriptionOf(rows),
  };
}

/** Everything there is one row of for a person. */
async function rowsOf({ db, clock }: MoneyContext, id: string) {
  const day = utcDay(clock());
  const [rows] = await db
    .select({
      model: people.model,
      freeUsed: freeAnswers.used,
      houseUsed: freeBudgets.used,
      caps: spendingCaps,
      subscription: starSubscriptions,
    })
    .from(people)
    .leftJoin(freeAnswers, and(eq(freeAnswers.person, id), eq(freeAnswers.day, day)))
    .leftJoin(freeBudgets, eq(freeBudgets.day, day))
    .leftJoin(spendingCaps, eq(spendingCaps.owner, personOwner(id)))
    .leftJoin(starSubscriptions, eq(starSubscriptions.person, id))
    .where(eq(people.id, id));
  if (rows === undefined) throw new Refusal("signed_out", "You are signed out: open the app again from the chat.");
  return rows;
}

type Rows = Awaited<ReturnType<typeof rowsOf>>;

async function spentOn({ db, clock }: MoneyContext, id: string): Promise<MoneyOverview["spentToday"]> {
  const rows = await db
    .select({ asset: spendDays.asset, spent: spendDays.spent })
    .from(spendDays)
    .where(and(eq(spendDays.owner, personOwner(id)), eq(spendDays.day, utcDay(clock()))));
  const of = (asset: PaidIn) => String(rows.find((row) => row.asset === asset)?.spent ?? 0n);
  return { stars: of("stars"), coin: of("coin") };
}

interface Chosen {
  readonly settings: MoneySettings;
  readonly model: string;
}

function freeOf(
  ctx: MoneyContext,
  { settings, rows, model, owes }: Chosen & { rows: Rows; owes: boolean },
): MoneyOverview["free"] {
  const { answersPerDay: allowed, dayMicroUsd, parametersMax } = settings.free;
  const used = rows.freeUsed ?? 0;
  const facts = ctx.catalogue.get(model);
  const list = facts && settings.prices.unit === "micro_usd" ? listPrices(settings.prices, facts) : null;
  // Less than a usual answer is left: what is reserved for an answer is more than that.
  const usual = list === null ? 0n : typicalAnswer(list);
  return {
    allowed,
    used,
    left: owes ? 0 : Math.max(0, allowed - used),
    resetsAt: nextUtcDay(ctx.clock()).toISOString(),
    modelIsFree: facts !== undefined && facts.parameters <= parametersMax,
    houseIsSpent: (rows.houseUsed ?? 0n) + usual > dayMicroUsd,
  };
}

/** Null where the model has no price, or one that needs a rate while none may be used. */
function typicalPrice(
  ctx: MoneyContext,
  { settings: { prices }, current, model, paidIn }: Chosen & { current: CurrentRate; paidIn: PaidIn },
): string | null {
  const facts = ctx.catalogue.get(model);
  const list = facts === undefined ? null : listPrices(prices, facts);
  if (list === null) return null;
  const rate = current.usable ? current.rate : null;
  const locked = lockPrice({ unit: prices.unit, list, paidIn, askPercent: 100, rate });
  return locked === null ? null : String(typicalAnswer(locked.perMillion));
}

/** Stars pay first, and are what can be bought here. */
function nextPaidIn({ stars, coin }: Balances): PaidIn {
  return stars.spendable === 0n && coin.spendable > 0n ? "coin" : "stars";
}

function rateOf({ rate, isStale }: CurrentRate): MoneyOverview["rate"] {
  if (rate === null) return null;
  const { microUsdPerCoin, at } = rate;
  return { microUsdPerCoin: String(microUsdPerCoin), at: new Date(at).toISOString(), stale: isStale };
}

function capsOf({ caps }: MoneySettings, rows: Rows): MoneyOverview["caps"] {
  return {
    answer: Number(rows.caps?.answer ?? caps.answerMicroUsd),
    day: Number(rows.caps?.day ?? caps.dayMicroUsd),
  };
}

function subscriptionOf({ subscription }: Rows): MoneyOverview["subscription"] {
  if (subscription === null) return null;
  const { state, stars, paidUntil } = subscription;
  return { state, stars, paidUntil: paidUntil.toISOString() };
}
