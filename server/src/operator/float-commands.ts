/**
 * Pays workers what they earned in Stars answers, in coins of the house's float; and what slow ones of them did not earn to
 * machines that are there, whose share of the next epoch it is.
 */
import { insertNotes } from "../billing/credit-notes.ts";
import type { CreditedEffect } from "../billing/credit-notes.ts";
import { HOUSE } from "../billing/bill.ts";
import { bannedWhileNew } from "../billing/held-pay.ts";
import { ledgerKey } from "../billing/ledger-key.ts";
import { openAccount } from "../ledger/open-account.ts";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import { payAhead } from "../prices/pay-ahead.ts";
import type { PaidAhead, WaitingEarner } from "../prices/pay-ahead.ts";
import { currentRate } from "../prices/rate.ts";
import type { Rate } from "../prices/rate.ts";
import { latestRates } from "../rates/rate-rows.ts";
import { act, readActWords } from "./act.ts";
import type { Acting } from "./act.ts";
import { NANO_DECIMALS, dollars, named, readAmount } from "./amounts.ts";
import type { OperatorCommand, OperatorContext, Say } from "./command.ts";
import { needMoney } from "./need-money.ts";
import { houseAccount, post } from "./post.ts";
import { changeSetting, readSettings } from "./settings.ts";

/** Who waits in one act: two moves each, in one transaction that the server waits for milliseconds. */
const WORKERS_MAX = 100;
/** Telegram pays for Stars this much later. */
const AHEAD_DAYS = 21;
const VERB = "float pay";
const FLOAT_MAX = 10_000_000_000_000n;

export const floatCommands = needMoney({
  "float max": { args: "AMOUNT WHY", summary: "how many coins the house may pay ahead", run: setMax },
  [VERB]: {
    args: "WHY",
    summary: "pays workers' Stars earnings, and the share for being there, in coins of the float",
    run: pay,
  },
} satisfies Record<string, OperatorCommand>);

async function setMax(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  await changeSetting(ctx, { verb: "float max", words, say }, ([text, ...more]) => {
    if (more.length > 0) throw new Error("Write it as in: float max 50 --why … Nothing was changed.");
    const max = readAmount(text, { decimals: NANO_DECIMALS, min: 0n, max: FLOAT_MAX, what: "An amount of coins" });
    const said = `The house pays at most ${named(max, "coin")} ahead, of Stars that Telegram pays for within ${AHEAD_DAYS} days.`;
    return { name: "starsFloatMax", value: String(max), said };
  });
}

async function pay(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const { words: asked, who, why } = readActWords(words, ctx.user);
  if (asked.length > 0) throw new Error("`float pay` takes nothing but --why and --who. Nothing was changed.");
  await needRightBooks(ctx);
  const said = await act(ctx, { who, why, verb: VERB }, async (acting) => {
    const rate = await usableRate(acting);
    const found = await longestWaiting(acting);
    if (found.length === 0) return { params: null, said: "Nobody waits for Stars earnings." };
    const lost = found.filter(({ isForfeited }) => isForfeited);
    const waiting = found.filter(({ isForfeited }) => !isForfeited);
    const { coins, bound } = await spendable(acting, say);
    const paid = payAhead(waiting, { coins, microUsdPerCoin: rate.microUsdPerCoin });
    if (paid.length + lost.length === 0)
      throw new Error(`${bound} ${waitingSentence(waiting, paid)} Nothing was changed.`);
    await convert(acting, { waiting, paid, lost });
    const [stars, spent, forfeited] = [sumOf(paid, "stars"), sumOf(paid, "coins"), sumOf(lost, "stars")];
    const amounts = { stars: String(stars), coins: String(spent), forfeited: String(forfeited) };
    const sentences = [paidSentence(paid, rate), forfeitedSentence(forfeited), waitingSentence(waiting, paid)];
    return { params: { workers: workersAmong(paid), ...amounts, rate: rate.id }, said: sentences.join(" ").trim() };
  });
  say(said);
}

function paidSentence(paid: readonly PaidAhead[], { id, microUsdPerCoin }: Rate): string {
  if (paid.length === 0) return "";
  const [stars, spent] = [sumOf(paid, "stars"), sumOf(paid, "coins")];
  return `${whoWere(paid)} paid ${named(spent, "coin")} for ${named(stars, "stars")}, at ${dollars(microUsdPerCoin)} a coin (rate ${id}).`;
}

const forfeitedSentence = (stars: bigint): string =>
  stars === 0n ? "" : `${named(stars, "stars")} of machines that were banned while they were new went to refunds.`;

/** No money is converted by books that do not add up. */
async function needRightBooks({ pg }: OperatorContext): Promise<void> {
  const { findings } = await verifyLedger(pg, { now: new Date() });
  if (findings.some(({ severity }) => severity === "halt"))
    throw new Error("The books do not add up: `npm run ledger:verify` says what is wrong. Nothing was changed.");
}

async function usableRate({ db }: Acting): Promise<Rate> {
  const { rate, usable } = currentRate(await latestRates(db, 1), Date.now());
  if (rate === null || !usable)
    throw new Error(
      "The coin has no rate that may be used: `npm run operator -- rates` says why. Nothing was changed.",
    );
  return rate;
}

interface Waiting extends WaitingEarner {
  /** Its account in Stars. */
  readonly account: number;
  /** All that ever left the account: with each payment another number. */
  readonly left: string;
  /** Its machine was banned while it was new: what waits is lost, as coins are in a closing. */
  readonly isForfeited: boolean;
}

/**
 * Whose oldest unpaid earning is the oldest comes first. What was earned in an answer that is under way waits for its
 * end: it goes back to the person where that answer fails. Reads the postings of those who wait.
 */
async function longestWaiting({ client, db }: Acting): Promise<Waiting[]> {
  type Row = Record<"id" | "owner" | "balance" | "left", string>;
  const { rows } = await client.query<Row>(
    `with earners as (
       select id, owner, balance from ledger_accounts
       where asset = 'stars' and kind in ('earner', 'availability') and balance > 0
     ), under_way as (
       select credit, debit, amount from ledger_postings where hold in (select id from ledger_holds where closed_at is null)
     ), waiting as (
       select id, owner, balance - (select coalesce(sum(amount) filter (where credit = e.id), 0)
           - coalesce(sum(amount) filter (where debit = e.id), 0) from under_way) as balance
       from earners e
     ), gone as (
       select debit as id, sum(amount) as amount from ledger_postings where debit in (select id from waiting) group by debit
     ), earned as (
       select credit as id, seq, sum(amount) over (partition by credit order by seq) as upto
       from ledger_postings where credit in (select id from waiting)
     )
     select w.id, w.owner, w.balance, coalesce(g.amount, 0) as left
     from waiting w left join gone g on g.id = w.id where w.balance > 0
     order by (select min(e.seq) from earned e where e.id = w.id and e.upto > coalesce(g.amount, 0)), w.id
     limit ${WORKERS_MAX + 1}`,
  );
  const lost = await bannedWhileNew(
    db,
    rows.map(({ owner }) => keyOf(owner)),
  );
  return rows.map(({ id, owner, balance, left }) => ({
    account: Number(id),
    worker: owner,
    stars: BigInt(balance),
    left,
    isForfeited: lost.has(keyOf(owner)),
  }));
}

/** Of a worker, out of its account's owner. */
const keyOf = (owner: string): string => owner.slice("worker:".length);

/** What may be paid now, and the sentence for when it is not enough. */
async function spendable(acting: Acting, say: Say): Promise<{ coins: bigint; bound: string }> {
  const { starsFloatMax } = await readSettings(acting.db, say);
  const { rows } = await acting.client.query<{ ahead: string; float: string }>(
    `select (select coalesce(sum((params ->> 'coins')::numeric), 0) from operator_acts
         where verb = $1 and at > now() - interval '${AHEAD_DAYS} days') as ahead,
       (select coalesce(sum(balance - held), 0) from ledger_accounts
         where asset = 'coin' and kind = 'float' and owner = 'house') as float`,
    [VERB],
  );
  const [float, allowed] = [BigInt(rows[0]!.float), starsFloatMax - BigInt(rows[0]!.ahead)];
  if (float <= allowed)
    return { coins: float, bound: `The float has ${named(float, "coin")}: put more in with float fund.` };
  const coins = allowed > 0n ? allowed : 0n;
  return {
    coins,
    bound: `The house has paid ${named(starsFloatMax - allowed, "coin")} ahead within ${AHEAD_DAYS} days, and may pay ${named(starsFloatMax, "coin")} (float max).`,
  };
}

interface Conversion {
  readonly waiting: readonly Waiting[];
  readonly paid: readonly PaidAhead[];
  readonly lost: readonly Waiting[];
}

/** Of each: its Stars to the house, and coins of the float to it; what is lost goes to refunds. All in one transaction. */
async function convert(acting: Acting, { waiting, paid, lost }: Conversion): Promise<void> {
  const stars = await houseAccount(acting, "stars", "fees");
  const float = await houseAccount(acting, "coin", "float");
  const moves = [];
  const coinsPaid: CreditedEffect[] = [];
  for (const { worker, ...amounts } of paid) {
    const { account, left } = waiting.find((one) => one.worker === worker)!;
    const kind = worker === HOUSE ? "availability" : "earner";
    const coin = await openAccount(acting.client, { asset: "coin", kind, owner: worker });
    const key = (side: string) => ledgerKey(VERB, account, left, side);
    if (kind === "earner") coinsPaid.push({ key: key("coins"), job: key("coins") });
    moves.push(
      { key: key("stars"), from: account, to: stars, amount: amounts.stars, kind: "stars_paid" },
      { key: key("coins"), from: float, to: coin, amount: amounts.coins, kind: "stars_paid" },
    );
  }
  const refunds = await houseAccount(acting, "stars", "refunds");
  for (const { account: from, left, stars: amount } of lost)
    moves.push({ key: ledgerKey(VERB, from, left, "forfeited"), from, to: refunds, amount, kind: "forfeited" });
  await post(acting, moves);
  // A worker's coins are what its notes say, so these have one, too, under their own key in place of a job.
  await insertNotes(acting.client, coinsPaid);
}

function waitingSentence(waiting: readonly Waiting[], paid: readonly PaidAhead[]): string {
  const stars = sumOf(waiting, "stars") - sumOf(paid, "stars");
  if (stars === 0n) return "";
  const others = waiting.length > WORKERS_MAX ? " and others" : "";
  return `${named(stars, "stars")} of those looked at${others} wait.`;
}

/** "3 workers were", "1 worker and the share for being there were". */
function whoWere(paid: readonly PaidAhead[]): string {
  const workers = workersAmong(paid);
  const named = workers === 1 ? "1 worker" : `${workers} workers`;
  if (workers === paid.length) return `${named} ${workers === 1 ? "was" : "were"}`;
  return workers === 0 ? "The share for being there was" : `${named} and the share for being there were`;
}

const workersAmong = (paid: readonly PaidAhead[]): number => paid.filter(({ worker }) => worker !== HOUSE).length;

function sumOf<Key extends "stars" | "coins">(list: readonly Record<Key, bigint>[], key: Key): bigint {
  return list.reduce((sum, one) => sum + one[key], 0n);
}
