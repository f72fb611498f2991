/** A person's escrow as their app sees it. */
import type { EscrowView } from "@starai/protocol/escrow";
import { ALLOWANCE_MAX } from "@starai/contracts/voucher";
import { escrowAccounts, escrowBooks } from "../billing/escrow-books.ts";
import { chainNowS, escrowRoom } from "../billing/escrow-room.ts";
import type { EscrowRow } from "../billing/escrow-room.ts";
import type { ChainContext } from "../chain/context.ts";
import { ownEscrow } from "./own-escrow.ts";
import type { OwnEscrow } from "./own-escrow.ts";
import { seeOwnEscrow } from "./see-escrow.ts";

/** Looks at the chain. @throws Refusal `not_configured`, `conflict` without a wallet, `interrupted`, `queue_full` */
export async function escrowOf(ctx: ChainContext, person: string): Promise<EscrowView> {
  const chain = ctx.ton.get();
  const own = await ownEscrow(ctx, chain, person);
  return viewOf(ctx, own, await seeOwnEscrow(ctx, chain, { person, address: own.address }));
}

export async function viewOf(ctx: ChainContext, own: OwnEscrow, row: EscrowRow | null): Promise<EscrowView> {
  const { owner, vault, providerKey, networkId } = own.terms;
  const terms = {
    owner: owner.toRawString(),
    vault: vault.toRawString(),
    providerKey: providerKey.toString("hex"),
    networkId,
  };
  if (row === null) return { address: own.address, terms, nowS: ctx.ton.get().nowS(), chain: null, ...NOTHING_SIGNED };
  const books = await escrowBooks(ctx.pg, await escrowAccounts(ctx.ledger, own.address), row);
  const { room, blocked } = escrowRoom(row, books, ctx.clock());
  return {
    address: own.address,
    terms,
    nowS: chainNowS(row, ctx.clock()),
    chain: chainView(row),
    signed: String(books.signed),
    served: String(books.captured),
    held: String(books.held),
    spendable: String(room),
    blocked,
    signAtMost: String(books.captured + ALLOWANCE_MAX),
  };
}

function chainView(row: EscrowRow): EscrowView["chain"] {
  const { keys, round, ripeAt, settled, available, dailyCap, capLeft } = row;
  return {
    keys: [...keys],
    round,
    settled: String(settled),
    available: String(available),
    dailyCap: String(dailyCap),
    capLeft: String(capLeft),
    ripeAt,
  };
}

const NOTHING_SIGNED = {
  signed: "0",
  served: "0",
  held: "0",
  spendable: "0",
  blocked: "unopened",
  signAtMost: "0",
} as const;
