/** Asks for prepaid coins back: they leave the balance at once, and wait out the wallet's cool-down. */
import { and, eq, gt } from "drizzle-orm";
import { exactAmount } from "@starai/protocol/amounts";
import { CHAIN_TERMS } from "@starai/protocol/wallet";
import { balancesOf } from "../account/balances.ts";
import { moneyTransaction } from "../billing/money-transaction.ts";
import type { MoneyTransaction } from "../billing/money-transaction.ts";
import { boundWalletOf } from "../chain/bound-wallet.ts";
import type { WalletRow } from "../chain/bound-wallet.ts";
import type { ChainContext } from "../chain/context.ts";
import { lockPerson } from "../chain/lock-person.ts";
import { peopleAddress } from "../chain/people-address.ts";
import type { Database } from "../db/executor.ts";
import { payouts } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { applyOperations } from "../ledger/apply-operations.ts";
import { storeNotice } from "../notices/store-notice.ts";
import { movesOf, payoutAccounts } from "./payout-accounts.ts";
import { arePayoutsHalted, leftToday } from "./withdraw-limits.ts";

/** Each stores a row and a message of the bot's, and cancelling gives its fee back. */
const ASKED_A_DAY_MAX = 20;
const NOTHING = "Nothing was taken from your balance.";

export interface AskedPayout {
  readonly person: string;
  /** The caller's own. */
  readonly id: string;
  /** What the wallet gets; the fee is taken off the balance beside it. */
  readonly amount: bigint;
}

/**
 * Asked again under the same id it has no second effect.
 * @throws Refusal `invalid_request`, `conflict`, `payment_required`, `cap_reached` or `payments_paused`
 */
export async function requestPayout(ctx: ChainContext, { person, id, amount }: AskedPayout): Promise<void> {
  ctx.ton.get();
  // As the database writes it: an account of the books is named by it, and is found by what the database says.
  const asked = { person, id: id.toLowerCase(), amount };
  const { withdrawMin, withdrawDayMax } = CHAIN_TERMS;
  if (asked.amount < withdrawMin || asked.amount > withdrawDayMax)
    throw new Refusal(
      "invalid_request",
      `A withdrawal is of ${coins(ctx, withdrawMin)} at least and ${coins(ctx, withdrawDayMax)} at most. ${NOTHING}`,
      { param: "amount" },
    );
  const isHalted = await arePayoutsHalted(ctx);
  await moneyTransaction(ctx.pg, (open) => request(ctx, open, { ...asked, isHalted }));
  ctx.changes.emit("bot", { type: "notices" });
  ctx.ton.poke();
}

async function request(
  ctx: ChainContext,
  open: MoneyTransaction,
  { isHalted, ...asked }: AskedPayout & { readonly isHalted: boolean },
): Promise<void> {
  const { tx } = open;
  await lockPerson(tx, asked.person);
  if (await wasAskedBefore(tx, asked)) return;
  if (isHalted) throw halted();
  const wallet = await boundWalletOf(tx, asked.person);
  if (wallet === null)
    throw new Refusal("conflict", `Connect your wallet first: withdrawals are paid to it. ${NOTHING}`);
  await assertNotTooOften(ctx, tx, asked);
  await assertWithinDay(ctx, tx, asked);
  const { coin } = await balancesOf(tx, asked.person);
  if (coin.spendable < asked.amount + CHAIN_TERMS.withdrawFee) throw tooLittle(ctx, coin.spendable);
  await store(ctx, tx, { asked, wallet });
  // Something was set aside for an answer since that look at the balance.
  if (!(await isTaken(ctx, open, asked))) throw tooLittle(ctx, coin.spendable);
}

/** @throws Refusal `conflict` for another withdrawal with this id */
async function wasAskedBefore(tx: Database, { person, id, amount }: AskedPayout): Promise<boolean> {
  const [before] = await tx.select().from(payouts).where(eq(payouts.id, id));
  if (before === undefined) return false;
  if (before.person === person && before.amount === amount) return true;
  throw new Refusal("conflict", `Another withdrawal has this id: ask with a new one. ${NOTHING}`, { param: "id" });
}

/** The row, and what its person is told. */
async function store(
  ctx: ChainContext,
  tx: Database,
  { asked: { person, id, amount }, wallet }: { asked: AskedPayout; wallet: WalletRow },
): Promise<void> {
  const [now, fee] = [ctx.clock(), CHAIN_TERMS.withdrawFee];
  const isReady = wallet.payoutsFrom.getTime() <= now;
  const readyAt = isReady ? new Date(now) : wallet.payoutsFrom;
  const times = { state: isReady ? "queued" : "waiting", requestedAt: new Date(now), readyAt } as const;
  await tx.insert(payouts).values({ id, person, wallet: wallet.address, amount, fee, ...times });
  const address = peopleAddress(ctx.ton.get(), wallet.address);
  const params = { amount: String(amount), wallet: address, readyAt: readyAt.toISOString(), cancel: id };
  await storeNotice(tx, { event: `payout ${id} requested`, person, params: { kind: "payout_requested", ...params } });
}

/** From the balance; false where it is not there. */
async function isTaken(ctx: ChainContext, { client }: MoneyTransaction, asked: AskedPayout): Promise<boolean> {
  const { id, amount } = asked;
  const { balance: from, inFlight: to } = await payoutAccounts(ctx.ledger, asked);
  const moves = movesOf({ event: "payout", id, from, to, amount, fee: CHAIN_TERMS.withdrawFee });
  const outcomes = await applyOperations(client, moves, { halted: false });
  return outcomes.every(({ kind }) => kind === "done");
}

async function assertNotTooOften({ clock }: ChainContext, tx: Database, { person }: AskedPayout): Promise<void> {
  const since = new Date(clock() - 86_400_000);
  const asked = await tx.$count(payouts, and(eq(payouts.person, person), gt(payouts.requestedAt, since)));
  if (asked >= ASKED_A_DAY_MAX)
    throw new Refusal(
      "cap_reached",
      `You asked for ${ASKED_A_DAY_MAX} withdrawals in the last 24 hours, and more are not taken. ${NOTHING} Ask for one larger sum, or again tomorrow.`,
    );
}

async function assertWithinDay(ctx: ChainContext, tx: Database, { person, amount }: AskedPayout): Promise<void> {
  const left = await leftToday(tx, { person, now: ctx.clock() });
  if (amount > left)
    throw new Refusal(
      "cap_reached",
      `A person can withdraw ${coins(ctx, CHAIN_TERMS.withdrawDayMax)} a day; ${coins(ctx, left)} of it is left today. A new day begins at 00:00 UTC. ${NOTHING}`,
      { param: "amount" },
    );
}

function tooLittle(ctx: ChainContext, spendable: bigint): Refusal {
  return new Refusal(
    "payment_required",
    `Your balance has ${coins(ctx, spendable)} to withdraw, and ${coins(ctx, CHAIN_TERMS.withdrawFee)} of it is the fee. What is set aside for an answer comes free when the answer ends. ${NOTHING}`,
    { param: "amount" },
  );
}

function halted(): Refusal {
  return new Refusal(
    "payments_paused",
    `Withdrawals are stopped for now: the books are checked, or the operator stopped them. ${NOTHING} Your balance is safe: ask again later.`,
  );
}

function coins({ config }: Pick<ChainContext, "config">, nano: bigint): string {
  return `${exactAmount(nano)} ${config.coin}`;
}
