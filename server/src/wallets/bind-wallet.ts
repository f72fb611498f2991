/**
 * Whose wallet it is. The first one is paid out to after a day. Another one after it, also where the first was removed
 * before, is paid out to after three days, and until then the change can be taken back, from the chat as well: who has
 * somebody's Telegram has not their money yet.
 */
import { and, desc, eq, exists, gt, ne, or } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { CHAIN_TERMS } from "@starai/protocol/wallet";
import type { WalletProof } from "@starai/protocol/wallet";
import { moneyTransaction } from "../billing/money-transaction.ts";
import type { Chain } from "../chain/chain.ts";
import { boundWalletOf, canBeCancelled } from "../chain/bound-wallet.ts";
import type { WalletRow } from "../chain/bound-wallet.ts";
import type { ChainContext } from "../chain/context.ts";
import { lockPerson } from "../chain/lock-person.ts";
import { watchedAccounts } from "../chain/watched-accounts.ts";
import { peopleAddress } from "../chain/people-address.ts";
import type { Database } from "../db/executor.ts";
import { wallets } from "../db/schema.ts";
import { creditWaitingOf } from "../deposits/credit-waiting.ts";
import { Refusal } from "../errors.ts";
import { storeNotice } from "../notices/store-notice.ts";
import { openPayoutsOf } from "../payouts/open-payouts.ts";
import { withNonce } from "./nonces.ts";
import { verifyWallet } from "./verify-wallet.ts";

/**
 * The same wallet again changes nothing. What came from it before, as nobody's, is the person's.
 * @throws Refusal `conflict` for a used nonce or somebody else's wallet, `queue_full`, or as verifyWallet says
 */
export async function bindWallet(ctx: ChainContext, person: string, proof: WalletProof): Promise<void> {
  const chain = ctx.ton.get();
  // Before the chain is asked, which a stranger's proof and a repeated one do not cost; also of a proof that is bad.
  const nonce = proof.proof.payload;
  const asked = { person, question: `whose is the wallet of ${nonce}`, nowMs: ctx.clock() };
  const address = await withNonce(ctx, { nonce, person }, () =>
    ctx.ton.asked.once(asked, () => verifyWallet(ctx.log, chain, proof)),
  );
  // What goes to them is in transit between the house's accounts: a withdrawal would never arrive.
  if (watchedAccounts(chain).some((own) => own.address.toRawString() === address))
    throw new Refusal(
      "conflict",
      "This wallet is one of the house's own, which pays withdrawals out. Nothing was changed: use a wallet of yours.",
    );
  await moneyTransaction(ctx.pg, async (open) => {
    const { tx } = open;
    await lockPerson(tx, person);
    const before = await boundWalletOf(tx, person);
    if (before?.address !== address) await bind(tx, { chain, person, address, before, now: ctx.clock() });
    await creditWaitingOf(open, { chain, wallet: address, person });
  });
  ctx.changes.emit("bot", { type: "notices" });
}

/** @throws Refusal `conflict` while a withdrawal to it is under way */
export async function removeWallet(ctx: ChainContext, person: string): Promise<void> {
  await moneyTransaction(ctx.pg, async ({ tx }) => {
    await lockPerson(tx, person);
    const bound = await boundWalletOf(tx, person);
    if (bound === null) return;
    const open = await openPayoutsOf(tx, person);
    if (open.some(({ wallet }) => wallet === bound.address))
      throw new Refusal(
        "conflict",
        "A withdrawal to this wallet is under way. Nothing was changed: cancel it, or wait until it is paid.",
      );
    await tx.update(wallets).set({ state: "removed" }).where(eq(wallets.id, bound.id));
  });
}

interface Binding {
  readonly chain: Chain;
  readonly person: string;
  readonly address: string;
  readonly before: WalletRow | null;
  readonly now: number;
}

async function bind(tx: Database, { chain, person, address, before, now }: Binding): Promise<void> {
  if (await isSomebodyElses(tx, { person, address, now }))
    throw new Refusal(
      "conflict",
      "This wallet belongs to another person here. Nothing was changed: remove it there first, or use another wallet.",
    );
  const replaces = replacedBy(before ?? (await lastRemoved(tx, person)), { address, now });
  if (before !== null) await tx.update(wallets).set({ state: "replaced" }).where(eq(wallets.id, before.id));
  const coolDownMs = replaces === null ? CHAIN_TERMS.coolDownMs : CHAIN_TERMS.coolDownAfterChangeMs;
  const payoutsFrom = new Date(now + coolDownMs);
  const [row] = await tx
    .insert(wallets)
    .values({ person, address, boundAt: new Date(now), payoutsFrom, replaces })
    .returning({ id: wallets.id });
  const cancel = replaces === null ? null : row!.id;
  const wallet = peopleAddress(chain, address);
  const params = { kind: "wallet_bound", wallet, payoutsFrom: payoutsFrom.toISOString(), cancel } as const;
  await storeNotice(tx, { event: `wallet ${row!.id} bound`, person, params });
}

/** Also one that can still come back to somebody else. */
async function isSomebodyElses(
  tx: Database,
  { person, address, now }: Pick<Binding, "person" | "address" | "now">,
): Promise<boolean> {
  const later = alias(wallets, "later");
  const comesBack = tx
    .select({ id: later.id })
    .from(later)
    .where(and(eq(later.replaces, wallets.id), ne(later.state, "cancelled"), gt(later.payoutsFrom, new Date(now))));
  const rows = await tx
    .select({ id: wallets.id })
    .from(wallets)
    .where(
      and(eq(wallets.address, address), ne(wallets.person, person), or(eq(wallets.state, "bound"), exists(comesBack))),
    )
    .limit(1);
  return rows.length > 0;
}

async function lastRemoved(tx: Database, person: string): Promise<WalletRow | null> {
  const [last] = await tx
    .select()
    .from(wallets)
    .where(and(eq(wallets.person, person), eq(wallets.state, "removed")))
    .orderBy(desc(wallets.boundAt))
    .limit(1);
  return last ?? null;
}

/**
 * The binding that comes back when the new one is cancelled. One that could still be cancelled itself passes on the
 * one it replaced: two changes in a row do not push the owner's wallet out.
 */
function replacedBy(last: WalletRow | null, { address, now }: Pick<Binding, "address" | "now">): string | null {
  if (last === null) return null;
  if (canBeCancelled(last, now)) return last.replaces;
  return last.address === address ? null : last.id;
}
