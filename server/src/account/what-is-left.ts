/** What somebody who wants to be forgotten would lose, and the sentence that asks them about it. */
import { and, count, eq, gt, isNull, sql, sum } from "drizzle-orm";
import { coinsText, starsText } from "@starai/protocol/amounts";
import { RETURN_DAYS } from "@starai/protocol/money";
import { CHAIN_TERMS } from "@starai/protocol/wallet";
import { languageOf, translator } from "@starai/protocol/texts";
import type { Executor } from "../db/executor.ts";
import {
  apiKeys,
  deposits,
  ledgerAccounts,
  payouts,
  starCharges,
  starSubscriptions,
  workerBindings,
} from "../db/schema.ts";
import { balancesOf } from "./balances.ts";
import type { Balances } from "./balances.ts";

const LEAST_WITH_FEE = CHAIN_TERMS.withdrawMin + CHAIN_TERMS.withdrawFee;
const RETURNABLE_MS = RETURN_DAYS * 86_400_000;

export interface Left {
  readonly balances: Balances;
  /** Nano coins that arrived and are being checked: nobody's, once their person is gone. */
  readonly checking: bigint;
  /** Nano coins that their machines earned and no epoch has put aside for their wallet: whoever pairs those next has them. */
  readonly machines: bigint;
  /** Stars that a running subscription takes every 30 days; null without one. */
  readonly subscription: number | null;
  /** API keys in use. */
  readonly keys: number;
  /** Whether Stars were paid so lately that they can be returned. */
  readonly returnable: boolean;
}

/** Null: nothing that anybody has to be asked about. */
export async function whatIsLeft(
  db: Pick<Executor, "select">,
  { person, now }: { person: string; now: number },
): Promise<Left | null> {
  const balances = await balancesOf(db, person);
  const [subscription] = await db
    .select({ stars: starSubscriptions.stars })
    .from(starSubscriptions)
    // One that is over by its date ended, also where Telegram's word of that was lost.
    .where(
      and(
        eq(starSubscriptions.person, person),
        eq(starSubscriptions.state, "active"),
        gt(starSubscriptions.paidUntil, new Date(now)),
      ),
    );
  const [keys] = await db
    .select({ count: count() })
    .from(apiKeys)
    .where(and(eq(apiKeys.owner, person), isNull(apiKeys.revokedAt)));
  const checking = await beingChecked(db, person);
  const machines = await ofMachines(db, person);
  const left = { balances, checking, machines, subscription: subscription?.stars ?? null, keys: keys?.count ?? 0 };
  const { stars, coin } = balances;
  const money = stars.spendable + stars.held + coin.spendable + coin.held + checking + machines;
  if (money === 0n && left.subscription === null && left.keys === 0) return null;
  return { ...left, returnable: await paidLately(db, { person, now }) };
}

async function beingChecked(db: Pick<Executor, "select">, person: string): Promise<bigint> {
  const [row] = await db
    .select({ amount: sum(deposits.amount) })
    .from(deposits)
    .where(and(eq(deposits.person, person), eq(deposits.state, "checking")));
  return BigInt(row?.amount ?? 0);
}

async function ofMachines(db: Pick<Executor, "select">, person: string): Promise<bigint> {
  const { asset, kind, owner, balance } = ledgerAccounts;
  const [row] = await db
    .select({ amount: sum(balance) })
    .from(workerBindings)
    .innerJoin(ledgerAccounts, eq(owner, sql`'worker:' || ${workerBindings.worker}`))
    .where(and(eq(workerBindings.person, person), eq(asset, "coin"), eq(kind, "earner")));
  return BigInt(row?.amount ?? 0);
}

async function paidLately(
  db: Pick<Executor, "select">,
  { person, now }: { person: string; now: number },
): Promise<boolean> {
  const rows = await db
    .select({ charge: starCharges.charge, direction: starCharges.direction })
    .from(starCharges)
    .where(and(eq(starCharges.person, person), gt(starCharges.at, new Date(now - RETURNABLE_MS))));
  const refunded = new Set(rows.filter(({ direction }) => direction === "refunded").map(({ charge }) => charge));
  return rows.some(({ charge, direction }) => direction === "paid" && !refunded.has(charge));
}

interface Words {
  readonly language: string;
  readonly coin: string;
  /** Whether coins can be paid out by this house. */
  readonly withdraws: boolean;
}

/** Coins on their way to a wallet, nano units: they can neither be given up nor be left behind. */
export async function onTheWay(db: Pick<Executor, "select">, person: string): Promise<bigint> {
  const [row] = await db
    .select({ amount: sum(payouts.amount) })
    .from(payouts)
    .where(and(eq(payouts.person, person), isNull(payouts.endedAt)));
  return BigInt(row?.amount ?? 0);
}

/** In the person's language, without markup. */
export function sentenceOfWay(nano: bigint, { language: code, coin }: Pick<Words, "language" | "coin">): string {
  const language = languageOf(code);
  const t = translator(language);
  return t("account.left.payouts", { amount: coinsText(t, { nano, coin, language, round: "down" }) });
}

/** In the person's language, without markup. */
export function sentenceOfLeft(left: Left, { language: code, coin, withdraws }: Words): string {
  const language = languageOf(code);
  const t = translator(language);
  const { stars, coin: coins } = left.balances;
  const style = { language, round: "down" } as const;
  const ofStars = (nano: bigint) => starsText(t, { nano, ...style });
  const ofCoins = (nano: bigint) => coinsText(t, { nano, coin, ...style });
  const list = [
    stars.spendable > 0n && t("account.left.spendable", { amount: ofStars(stars.spendable) }),
    coins.spendable > 0n && t("account.left.spendable", { amount: ofCoins(coins.spendable) }),
    stars.held > 0n && t("account.left.held", { amount: ofStars(stars.held) }),
    coins.held > 0n && t("account.left.held", { amount: ofCoins(coins.held) }),
    left.checking > 0n && t("account.left.checking", { amount: ofCoins(left.checking) }),
    left.machines > 0n && t("account.left.machines", { amount: ofCoins(left.machines) }),
    left.subscription !== null && t("account.left.subscription", { stars: left.subscription }),
    left.keys > 0 && t("account.left.keys", { count: left.keys }),
  ].filter((item) => item !== false);
  return [
    t("account.left.what", { list: list.join("; ") }),
    ...(withdraws && coins.spendable >= LEAST_WITH_FEE ? [t("account.left.withdraw")] : []),
    t("account.left.lost"),
    ...(left.returnable ? [t("account.left.returnable")] : []),
  ].join(" ");
}
