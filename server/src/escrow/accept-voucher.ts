/**
 * Takes a voucher: what it promises beyond the ones before becomes money in the books that answers can be paid with.
 *
 * The chain judges the first voucher of each key itself (`check_voucher`): it is the one that will pay. Later ones are
 * verified here. The best of a round is kept, whichever of several servers it came to; the same one again, or a smaller
 * one, has no effect.
 */
import { lt, sql } from "drizzle-orm";
import { Address } from "@ton/core";
import type { EscrowView, NewVoucher } from "@starai/protocol/escrow";
import { Escrow } from "@starai/contracts/Escrow";
import { ALLOWANCE_MAX, verifyVoucher } from "@starai/contracts/voucher";
import { escrowAccounts, escrowBooks } from "../billing/escrow-books.ts";
import { lockEscrow } from "../billing/escrow-purse.ts";
import { escrowRoom } from "../billing/escrow-room.ts";
import type { EscrowBlocked } from "@starai/protocol/escrow";
import type { EscrowRow } from "../billing/escrow-room.ts";
import { ledgerKey } from "../billing/ledger-key.ts";
import { moneyTransaction } from "../billing/money-transaction.ts";
import type { MoneyTransaction } from "../billing/money-transaction.ts";
import type { Chain } from "../chain/chain.ts";
import type { ChainContext } from "../chain/context.ts";
import { escrows, vouchers } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { applyAll } from "../ledger/apply-operations.ts";
import { viewOf } from "./escrow-view.ts";
import { ownEscrow } from "./own-escrow.ts";
import { chainAway, seeOwnEscrow, storedEscrow } from "./see-escrow.ts";

/** A state seen so lately is not asked for again: several answers in a minute cost the chain's endpoint one look. */
const FRESH_MS = 60_000;

interface Voucher {
  readonly round: number;
  readonly cumulative: bigint;
  readonly signature: Buffer;
}

/** Returns the escrow after it. @throws Refusal, whose message says that nothing was taken */
export async function acceptVoucher(ctx: ChainContext, person: string, sent: NewVoucher): Promise<EscrowView> {
  const chain = ctx.ton.get();
  const own = await ownEscrow(ctx, chain, person);
  const voucher = { ...sent, cumulative: BigInt(sent.cumulative), signature: Buffer.from(sent.signature, "hex") };
  const keyIndex = await judge(ctx, { chain, person, address: own.address, voucher });
  await moneyTransaction(ctx.pg, (open) => store(ctx, open, { address: own.address, voucher, keyIndex }));
  return viewOf(ctx, own, await storedEscrow(ctx, own.address));
}

interface Judging {
  readonly chain: Chain;
  readonly person: string;
  readonly address: string;
  readonly voucher: Voucher;
}

/** Returns the index of the key that signed it, by the chain's own word for that key's first one. @throws Refusal */
async function judge(ctx: ChainContext, judging: Judging): Promise<number> {
  const stored = await storedEscrow(ctx, judging.address);
  if (stored !== null && isFresh(stored, ctx.clock())) {
    const keyIndex = await signerOf(stored, judging.voucher);
    if (keyIndex !== null && stored.judgedKeys.includes(stored.keys[keyIndex]!)) return keyIndex;
  }
  const row = await seeOwnEscrow(ctx, judging.chain, judging);
  if (row === null) throw refused("conflict", "There is no escrow of your wallet on the chain yet: open it first.");
  assertRound(row, judging.voucher);
  const keyIndex = await signerOf(row, judging.voucher);
  if (keyIndex === null)
    throw refused(
      "invalid_request",
      "No key of your escrow signed this voucher for its amount, round, address and network: sign it again, or add this device's key.",
    );
  const key = row.keys[keyIndex]!;
  if (!row.judgedKeys.includes(key)) await askChain(ctx, judging, { key, keyIndex });
  return keyIndex;
}

/** A close or the end of a round may be over by now, and is looked for again. */
function isFresh({ seenAt, ripeAt, round, bookedRound }: EscrowRow, nowMs: number): boolean {
  return nowMs - seenAt.getTime() < FRESH_MS && ripeAt === null && round === bookedRound;
}

/** The index of the key that signed it, as WebCrypto judges. */
async function signerOf(row: EscrowRow, { round, cumulative, signature }: Voucher): Promise<number | null> {
  const signed = { networkId: row.networkId, escrow: row.address, round, cumulative };
  for (const [index, key] of row.keys.entries())
    if (await verifyVoucher(signed, signature, Buffer.from(key, "hex"))) return index;
  return null;
}

async function askChain(
  ctx: ChainContext,
  { chain, person, address, voucher }: Judging,
  { key, keyIndex }: { key: string; keyIndex: number },
): Promise<void> {
  const { cumulative, signature } = voucher;
  const escrow = chain.client.open(new Escrow(Address.parseRaw(address)));
  // It is the key that the chain judges: of several vouchers of it at once, one is shown.
  const asked = { person, question: `key ${key} of ${address}`, nowMs: ctx.clock() };
  const check = () =>
    escrow.getCheckVoucher(cumulative, signature).catch((error: unknown) => {
      throw chainAway(error);
    });
  const index = await ctx.ton.asked.once(asked, check);
  if (index !== keyIndex)
    throw refused(
      "invalid_request",
      "The chain does not accept this voucher, so that it could never be redeemed: make a new key, and sign with it.",
    );
  const judgedKeys = sql`(select jsonb_agg(distinct k) from jsonb_array_elements(judged_keys || ${JSON.stringify([key])}::jsonb) k)`;
  await ctx.db
    .update(escrows)
    .set({ judgedKeys })
    .where(sql`${escrows.address} = ${address}`);
}

async function store(
  ctx: ChainContext,
  open: MoneyTransaction,
  { address, voucher, keyIndex }: { address: string; voucher: Voucher; keyIndex: number },
): Promise<void> {
  const row = (await lockEscrow(open.tx, address))!;
  assertRound(row, voucher);
  const accounts = await escrowAccounts(ctx.ledger, address);
  const books = await escrowBooks(open.client, accounts, row);
  const { round, cumulative, signature } = voucher;
  if (cumulative <= books.signed) return;
  const { blocked } = escrowRoom(row, books, ctx.clock());
  const why = blocked === null ? undefined : REFUSED[blocked];
  if (why !== undefined) throw refused("conflict", why);
  if (cumulative > books.captured + ALLOWANCE_MAX)
    throw refused(
      "invalid_request",
      `This voucher is of more than may be signed ahead: sign at most ${books.captured + ALLOWANCE_MAX} nano units now.`,
    );
  const storedAt = new Date(ctx.clock());
  await open.tx
    .insert(vouchers)
    .values({ escrow: address, round, cumulative, keyIndex, signature, storedAt })
    .onConflictDoUpdate({
      target: [vouchers.escrow, vouchers.round],
      set: { cumulative, keyIndex, signature, storedAt },
      setWhere: lt(vouchers.cumulative, cumulative),
    });
  const key = ledgerKey("voucher", address, round, String(cumulative));
  const { receivable: from, escrow: to } = accounts;
  const amount = cumulative - books.signed;
  await applyAll(open.client, [{ verb: "move", key, from, to, amount, kind: "voucher" }], `a voucher of ${address}`);
}

function assertRound(row: EscrowRow, { round }: Voucher): void {
  if (round !== row.round)
    throw refused(
      "conflict",
      `This voucher is of round ${round}, and your escrow is in round ${row.round}: it was closed or its keys were replaced since. Sign a new one.`,
    );
}

/** States in which nothing more is served, so that nobody should sign for it. */
const REFUSED: Partial<Record<EscrowBlocked, string>> = {
  unopened: "Your escrow has no key yet: open it first.",
  closing: "A close of your escrow is requested, and nothing more is served from it: cancel the close to go on.",
  consented:
    "We agreed to close your escrow at once, and nothing more is served from it before the close, or before our consent is too old for one.",
  counting: "What your escrow's last round owed is still being counted: send this again in a minute.",
};

function refused(code: "conflict" | "invalid_request", why: string): Refusal {
  return new Refusal(code, `${why} Your voucher was not taken, and nothing was charged.`);
}
