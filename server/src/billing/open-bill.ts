/**
 * Opens the bill of an answer or request before its first job: what pays for it, at which locked price, and how much at
 * most, which is set aside at once. Asked again for the same id it returns the same bill.
 */
import { and, eq, lt, sql } from "drizzle-orm";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { MICRO_USD_PER_STAR } from "@starai/protocol/amounts";
import type { BudgetBound, StoredPrice } from "@starai/protocol/receipts";
import type { Executor } from "../db/executor.ts";
import { bills, freeAnswers, freeBudgets, ledgerAccounts, spendDays, spendingCaps } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { applyOperations } from "../ledger/apply-operations.ts";
import type { Asset } from "../ledger/rules/account-kinds.ts";
import type { AccountId, Cap } from "../ledger/rules/operation.ts";
import { divideUp } from "../prices/divide-up.ts";
import { lockPrice } from "../prices/locked-price.ts";
import { listPrices } from "../prices/price-table.ts";
import type { TokenPrices } from "../prices/price-table.ts";
import { capInNano, worstOfStep } from "../prices/quote.ts";
import type { StepSize } from "../prices/quote.ts";
import type { CurrentRate } from "../prices/rate.ts";
import { billOf, dayOf, keyOwner, personOwner } from "./bill.ts";
import type { Bill } from "./bill.ts";
import { offerOf } from "./choose-payer.ts";
import type { MoneyContext } from "./context.ts";
import { escrowPurseOf, lockedRoom } from "./escrow-purse.ts";
import type { EscrowPurse } from "./escrow-purse.ts";
import type { EscrowBlocked } from "@starai/protocol/escrow";
import type { MoneySettings } from "./money-settings.ts";
import { RolledBack, moneyTransaction } from "./money-transaction.ts";
import { refusalFor } from "./who-is-short.ts";

export interface BillRequest {
  readonly id: string;
  readonly kind: Bill["kind"];
  /** Who pays; null for a key of the house. */
  readonly person: string | null;
  readonly apiKey: string | null;
  readonly inGroup: boolean;
  readonly model: CatalogueModel;
  /** Only workers that ask at most this percentage of the list's price may take its jobs. */
  readonly askPercent: number;
  /** The same for a free answer or one of the house, which other workers may take, too; absent: no other. */
  readonly askPercentUnpaid?: number;
  /** The jobs it may need at most, the first one as it is. */
  readonly steps: readonly StepSize[];
}

/** A hold is for one answer: nobody waits for its end longer than this. Verification reports older ones. */
const EXPIRES_MS = 40 * 60_000;
/** Tries while other answers of the same person spend at the same time; each sees what the ones before it left. */
const TRIES_MAX = 4;
const NANO = 1_000_000_000n;

interface Asking {
  readonly ctx: MoneyContext;
  readonly asked: BillRequest;
  readonly settings: MoneySettings;
  readonly rate: CurrentRate;
  readonly day: string;
}

/** @throws Refusal payment_required, cap_reached or payments_paused, before anything was charged */
export async function openBill(ctx: MoneyContext, asked: BillRequest): Promise<Bill> {
  const known = await findBill(ctx.db, asked.id);
  if (known !== null) return known;
  const [settings, rate] = await Promise.all([ctx.settings.now(), ctx.rates.current()]);
  const asking: Asking = { ctx, asked, settings, rate, day: dayOf(ctx.clock()) };
  if (asked.person === null) return unpaid(asking, "house");
  if (mayBeFree(asking) && !(await owesStars(ctx, asked.person))) {
    const free = await openFree(asking, asked.person);
    if (free !== null) return free;
  }
  return openPaid(asking, asked.person);
}

export async function findBill(db: Executor, id: string): Promise<Bill | null> {
  const [row] = await db.select().from(bills).where(eq(bills.id, id));
  return row === undefined ? null : billOf(row);
}

function mayBeFree({ asked, settings: { free } }: Asking): boolean {
  return asked.kind === "answer" && asked.model.parameters <= free.parametersMax && (free.inGroups || !asked.inGroup);
}

/** A payment was returned after it was spent: nothing is given away until that is paid. */
async function owesStars({ db }: MoneyContext, person: string): Promise<boolean> {
  const { asset, kind, owner, balance } = ledgerAccounts;
  const debt = and(eq(asset, "stars"), eq(kind, "debt"), eq(owner, personOwner(person)), lt(balance, 0n));
  return (await db.select({ balance }).from(ledgerAccounts).where(debt)).length > 0;
}

/** Takes one of the day's free answers, if the person and the house have one left. */
async function openFree(asking: Asking, person: string): Promise<Bill | null> {
  const { ctx, day, settings, asked } = asking;
  const { answersPerDay: allowed, dayMicroUsd: cap } = settings.free;
  const worst = freeCost(settings, asked);
  if (allowed < 1 || worst > cap) return null;
  return moneyTransaction(ctx.pg, async ({ tx }) => {
    const [taken] = await tx
      .insert(freeAnswers)
      .values({ person, day, used: 1, allowed })
      .onConflictDoUpdate({
        target: [freeAnswers.person, freeAnswers.day],
        set: { used: sql`${freeAnswers.used} + 1`, allowed },
        setWhere: lt(freeAnswers.used, allowed),
      })
      .returning();
    if (taken === undefined) throw new RolledBack(null);
    const [reserved] = await tx
      .insert(freeBudgets)
      .values({ day, cap, used: worst })
      .onConflictDoUpdate({
        target: freeBudgets.day,
        set: { used: sql`${freeBudgets.used} + ${worst}`, cap },
        setWhere: sql`${freeBudgets.used} + ${worst} <= ${cap}`,
      })
      .returning();
    if (reserved === undefined) throw new RolledBack(null);
    const terms = { paidWith: "free", escrow: null, price: coinPrice(asking), budget: worst, bound: null } as const;
    const bill = await storeBill(tx, asking, terms);
    if (bill === null) throw new RolledBack(await findBill(tx, asked.id));
    return bill;
  });
}

/** What a free answer may cost the house at most, in micro-dollars at list prices; 0 for a list that is in coins. */
export function freeCost({ prices }: MoneySettings, { model, steps }: Pick<BillRequest, "model" | "steps">): bigint {
  const list = prices.unit === "micro_usd" ? listPrices(prices, model) : null;
  return list === null ? 0n : steps.reduce((sum, step) => sum + worstOfStep(list, step), 0n);
}

async function openPaid(asking: Asking, person: string): Promise<Bill> {
  const { ctx, settings } = asking;
  if (settings.halted || ctx.ledger.halted) throw paused();
  const lacking: Lack[] = [];
  for (const source of SOURCES) {
    const price = priceIn(asking, source.paidWith);
    if (price === null) continue;
    const opened = await holdFrom(asking, { person, source, price });
    if (opened?.kind === "opened") return opened.bill;
    if (opened !== null) lacking.push(opened);
  }
  if (lacking.length === 0) throw paused();
  throw whyNot(asking, lacking);
}

interface Source {
  readonly name: "stars" | "coin" | "escrow";
  readonly paidWith: Asset;
}

/** Again where another answer of the same person was faster; null: the person has no such source. */
async function holdFrom(asking: Asking, spending: Spending): ReturnType<typeof tryToHold> {
  for (let tries = 1; ; tries++) {
    const opened = await tryToHold(asking, spending);
    if (opened?.kind !== "moved" || tries === TRIES_MAX) return opened;
  }
}

/** In this order: what was prepaid to us comes before what its owner keeps in their own escrow. */
const SOURCES: readonly Source[] = [
  { name: "stars", paidWith: "stars" },
  { name: "coin", paidWith: "coin" },
  { name: "escrow", paidWith: "coin" },
];

interface Lack {
  readonly kind: "lacks" | "moved";
  readonly source: Source["name"];
  readonly lacks: BudgetBound;
  readonly spendable: bigint;
  readonly blocked: EscrowBlocked | null;
}

interface Spending {
  readonly person: string;
  readonly source: Source;
  readonly price: StoredPrice;
}

/** Null: the person has no such source. */
async function tryToHold(
  asking: Asking,
  spending: Spending,
): Promise<Lack | { readonly kind: "opened"; readonly bill: Bill } | null> {
  const { ctx, asked } = asking;
  const { name, paidWith } = spending.source;
  const purse = await purseOf(ctx, spending);
  if (purse === null) return null;
  const { account, spendable, escrow } = purse;
  const { answerCap, caps, dayCapRest } = await limitsOf(asking, spending);
  const within = { paidWith, prices: pricesOf(spending.price), spendable, answerCap, dayCapRest };
  const found = offerOf(within, asked.steps);
  const lack = { source: name, spendable, blocked: escrow?.blocked ?? null };
  if ("lacks" in found) return { kind: "lacks", lacks: found.lacks, ...lack };
  const { amount, bound } = found.offer;
  const expiresAt = new Date(ctx.clock() + EXPIRES_MS);
  const hold = { verb: "hold", id: asked.id, account, amount, day: asking.day, caps, expiresAt } as const;
  return moneyTransaction(ctx.pg, async (open) => {
    const moved = { kind: "moved" as const, lacks: bound ?? "balance", ...lack };
    if (escrow !== null && (await lockedRoom(ctx, open, escrow)) < amount) throw new RolledBack(moved);
    const terms = { paidWith, escrow: escrow?.address ?? null, price: spending.price, budget: amount, bound };
    const bill = await storeBill(open.tx, asking, terms);
    if (bill === null) return { kind: "opened" as const, bill: (await findBill(open.tx, asked.id))! };
    const [outcome] = await applyOperations(open.client, [hold], { halted: ctx.ledger.halted });
    if (outcome?.kind === "done" || outcome?.kind === "again") return { kind: "opened" as const, bill };
    if (outcome?.kind === "refused" && outcome.because.code === "halted") throw paused();
    throw new RolledBack(moved);
  });
}

/** Where the money is taken from, and how much of it is there. */
async function purseOf(
  ctx: MoneyContext,
  { person, source: { name, paidWith } }: Pick<Spending, "person" | "source">,
): Promise<{ account: AccountId; spendable: bigint; escrow: EscrowPurse | null } | null> {
  if (name === "escrow") {
    const escrow = await escrowPurseOf(ctx, person);
    return escrow && { account: escrow.accounts.escrow, spendable: escrow.room, escrow };
  }
  const account = await ctx.ledger.openAccount({ asset: paidWith, kind: "person", owner: personOwner(person) });
  return { account, spendable: await spendableOf(ctx, { person, asset: paidWith, account }), escrow: null };
}

/** What bounds an answer now. It may be outdated at once: the ledger's own checks decide. */
async function limitsOf(
  { ctx, asked, settings, rate, day }: Asking,
  { person, source: { paidWith }, price }: Spending,
) {
  const microUsdPerCoin = BigInt(price.rate?.microUsdPerCoin ?? "1");
  const inNano = (microUsd: bigint) => capInNano({ microUsd, paidIn: paidWith, microUsdPerCoin });
  const own = await ctx.db
    .select()
    .from(spendingCaps)
    .where(eq(spendingCaps.owner, personOwner(person)));
  const owners = [{ owner: personOwner(person), day: own[0]?.day ?? settings.caps.dayMicroUsd }];
  if (asked.apiKey !== null) {
    const owner = keyOwner(asked.apiKey);
    const [set] = await ctx.db.select().from(spendingCaps).where(eq(spendingCaps.owner, owner));
    owners.push({ owner, day: set?.day ?? settings.caps.keyDayMicroUsd });
  }
  const limits = await Promise.all(
    owners.map(async ({ owner, day: most }) => {
      const where = and(eq(spendDays.owner, owner), eq(spendDays.day, day));
      const rows = await ctx.db.select().from(spendDays).where(where);
      const inAsset = (asset: Asset) => sumOf(rows.filter((row) => row.asset === asset));
      const other = paidWith === "stars" ? "coin" : "stars";
      // A limit is in dollars, and one for both: what the other currency took of it is not there for this one.
      const amount = inNano(most - microUsdOf(other, inAsset(other), rate));
      return { cap: { owner, amount }, rest: amount - inAsset(paidWith) };
    }),
  );
  const caps: Cap[] = limits.map(({ cap }) => cap);
  const dayCapRest = limits.reduce((least, { rest }) => (rest < least ? rest : least), limits[0]!.rest);
  const answerCap = inNano(own[0]?.answer ?? settings.caps.answerMicroUsd);
  // A request is one job: the caps of its key and day bound it.
  return { caps, dayCapRest, answerCap: asked.kind === "request" ? dayCapRest : answerCap };
}

function sumOf(rows: readonly { spent: bigint; held: bigint }[]): bigint {
  return rows.reduce((sum, { spent, held }) => sum + spent + held, 0n);
}

/** Rounded up. Coins by the latest rate, also where it makes no new quote; they were not spent while there was none. */
function microUsdOf(asset: Asset, nano: bigint, { rate }: CurrentRate): bigint {
  return divideUp(nano * (asset === "stars" ? MICRO_USD_PER_STAR : (rate?.microUsdPerCoin ?? 0n)), NANO);
}

/** Balance less what is held and what is owed. */
export async function spendableOf(
  ctx: MoneyContext,
  { person, asset, account }: { person: string; asset: Asset; account: AccountId },
): Promise<bigint> {
  const { rows } = await ctx.pg.query<{ spendable: string }>(
    `select a.balance - a.held + coalesce((select least(d.balance, 0) from ledger_accounts d
        where d.asset = $2 and d.kind = 'debt' and d.owner = $3), 0) as spendable
     from ledger_accounts a where a.id = $1`,
    [account, asset, personOwner(person)],
  );
  return BigInt(rows[0]?.spendable ?? "0");
}

function priceIn({ asked, settings, rate }: Asking, paidIn: "stars" | "coin"): StoredPrice | null {
  const { prices } = settings;
  const list = listPrices(prices, asked.model);
  if (list === null) return null;
  const usable = rate.usable ? rate.rate : null;
  // Caps are in dollars: coins without a usable rate are not spent, whatever the list is written in.
  if (paidIn === "coin" && usable === null) return null;
  const locked = lockPrice({ unit: prices.unit, list, paidIn, askPercent: asked.askPercent, rate: usable });
  if (locked === null) return null;
  return stored(locked.perMillion, { asked, settings }, usable);
}

/** Of free answers and those of the house: what a promotion may pay their workers by; nothing without a rate. */
function coinPrice({ asked, ...others }: Asking): StoredPrice {
  const asking = { ...others, asked: { ...asked, askPercent: asked.askPercentUnpaid ?? asked.askPercent } };
  return priceIn(asking, "coin") ?? stored({ prompt: 0n, cached: 0n, answer: 0n }, asking, null);
}

function stored(
  { prompt, cached, answer }: TokenPrices,
  { asked, settings }: Pick<Asking, "asked" | "settings">,
  rate: CurrentRate["rate"],
): StoredPrice {
  return {
    perMillion: { prompt: String(prompt), cached: String(cached), answer: String(answer) },
    askPercent: asked.askPercent,
    feeBasisPoints: settings.feeBasisPoints,
    lossBasisPoints: settings.lossBasisPoints,
    rate:
      rate === null
        ? null
        : { id: rate.id, microUsdPerCoin: String(rate.microUsdPerCoin), at: new Date(rate.at).toISOString() },
  };
}

function pricesOf({ perMillion: { prompt, cached, answer } }: StoredPrice): TokenPrices {
  return { prompt: BigInt(prompt), cached: BigInt(cached), answer: BigInt(answer) };
}

async function unpaid(asking: Asking, paidWith: "house"): Promise<Bill> {
  const terms = { paidWith, escrow: null, price: coinPrice(asking), budget: 0n, bound: null };
  return moneyTransaction(
    asking.ctx.pg,
    async ({ tx }) => (await storeBill(tx, asking, terms)) ?? (await findBill(tx, asking.asked.id))!,
  );
}

/** Null: another call for the same id was first, and its bill counts. */
async function storeBill(
  tx: Executor,
  { asked, day }: Asking,
  terms: Pick<Bill, "paidWith" | "escrow" | "price" | "budget" | "bound">,
): Promise<Bill | null> {
  const { id, kind, person, apiKey, model } = asked;
  const rows = await tx
    .insert(bills)
    .values({ id, kind, person, apiKey, model: model.id, day, ...terms })
    .onConflictDoNothing()
    .returning();
  return rows[0] === undefined ? null : billOf(rows[0]);
}

function whyNot({ ctx, day }: Asking, lacking: readonly Lack[]): Refusal {
  // The purse that had money says why it was not enough; an empty one only that it is empty.
  const told = lacking.find(({ lacks }) => lacks !== "balance");
  const of = (name: Source["name"]) => lacking.find(({ source }) => source === name) ?? null;
  return refusalFor({
    lacks: told?.lacks ?? "balance",
    stars: of("stars")?.spendable ?? null,
    coin: of("coin")?.spendable ?? null,
    escrow: of("escrow"),
    coinName: ctx.config.coin,
    resetsAt: new Date(Date.parse(day) + 24 * 60 * 60_000),
  });
}

function paused(): Refusal {
  return new Refusal(
    "payments_paused",
    "No paid answer can be started for now. Nothing was charged, and your balance is as it was; try again in a few minutes.",
    { retryAfterS: 60 },
  );
}
