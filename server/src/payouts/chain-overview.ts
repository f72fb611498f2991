/** Everything the wallet's screens need of the chain. */
import { desc, eq } from "drizzle-orm";
import type { BoundWallet, ChainOverview } from "@starai/protocol/wallet";
import { CHAIN_TERMS } from "@starai/protocol/wallet";
import { balancesOf } from "../account/balances.ts";
import type { Balances } from "../account/balances.ts";
import { boundWalletOf, canBeCancelled } from "../chain/bound-wallet.ts";
import type { WalletRow } from "../chain/bound-wallet.ts";
import type { Chain } from "../chain/chain.ts";
import type { ChainContext } from "../chain/context.ts";
import { payouts } from "../db/schema.ts";
import { depositNumberOf } from "../deposits/deposit-number.ts";
import { depositsOf } from "../deposits/deposit-views.ts";
import { latestInvoice } from "../deposits/invoices.ts";
import { latePayout } from "./late-payout.ts";
import { payoutView } from "./payout-view.ts";
import { arePayoutsHalted, leftToday, mostOf } from "./withdraw-limits.ts";

const PAYOUTS_MAX = 20;

/** @throws Refusal `not_configured` without a chain */
export async function chainOverview(ctx: ChainContext, person: string): Promise<ChainOverview> {
  const chain = ctx.ton.get();
  const now = ctx.clock();
  const [halted, named, wallet, balances, left, deposits, invoice, latest] = await Promise.all([
    arePayoutsHalted(ctx),
    depositNumberOf(ctx.db, person),
    boundWalletOf(ctx.db, person),
    balancesOf(ctx.db, person),
    leftToday(ctx.db, { person, now }),
    depositsOf(ctx.db, person),
    latestInvoice(ctx, person),
    ctx.db
      .select()
      .from(payouts)
      .where(eq(payouts.person, person))
      .orderBy(desc(payouts.requestedAt), desc(payouts.id))
      .limit(PAYOUTS_MAX),
  ]);
  const late = await latePayout(ctx, latest);
  return {
    network: networkOf(chain),
    coin: ctx.config.coin,
    topUpInTelegram: chain.topUpInTelegram,
    vault: chain.deposits.toRawString(),
    depositNumber: String(named.number),
    memo: named.memo,
    wallet: wallet && walletView(wallet, now),
    balance: String(balances.coin.spendable),
    withdraw: withdrawOf({ wallet, balances, left, now, halted }),
    deposits,
    payouts: latest.map((row) => payoutView(row, row.id === late?.id ? late.expectedAt : null)),
    invoice,
  };
}

export function networkOf({ networkId: id, network: name, explorer }: Chain): ChainOverview["network"] {
  return { id, name, explorer };
}

function walletView(row: WalletRow, now: number): BoundWallet {
  const { id, address, boundAt, payoutsFrom } = row;
  const canCancel = canBeCancelled(row, now);
  return { id, address, boundAt: boundAt.toISOString(), payoutsFrom: payoutsFrom.toISOString(), canCancel };
}

interface Withdrawable {
  readonly wallet: WalletRow | null;
  readonly balances: Balances;
  /** What they may ask for today. */
  readonly left: bigint;
  readonly now: number;
  readonly halted: boolean;
}

function withdrawOf(facts: Withdrawable): ChainOverview["withdraw"] {
  const { withdrawMin: min, withdrawFee: fee } = CHAIN_TERMS;
  const blocked = whyBlocked(facts);
  const max = blocked === null ? mostOf(facts.balances.coin, facts.left) : 0n;
  const from = facts.wallet?.payoutsFrom.getTime() ?? facts.now + CHAIN_TERMS.coolDownMs;
  const readyAt = new Date(Math.max(from, facts.now)).toISOString();
  return { min: String(min), fee: String(fee), max: String(max), blocked, readyAt };
}

function whyBlocked({ wallet, balances, left, halted }: Withdrawable): ChainOverview["withdraw"]["blocked"] {
  const { withdrawMin: min, withdrawFee: fee } = CHAIN_TERMS;
  const { spendable, debt } = balances.coin;
  if (halted) return "halted";
  if (spendable < min + fee) return debt > 0n ? "debt" : "balance";
  if (left < min) return "day_limit";
  return wallet === null ? "no_wallet" : null;
}
