/**
 * Agrees to close an escrow at once: the till gets what was served, the owner the rest, without the day of waiting.
 * Nothing is served until the consent's date has passed, because the close voids every voucher of its round.
 */
import { eq } from "drizzle-orm";
import type { ConsentView } from "@starai/protocol/escrow";
import { privateKeyOf } from "@starai/contracts/session-key";
import { signCloseConsent } from "@starai/contracts/voucher";
import { escrowAccounts, escrowBooks } from "../billing/escrow-books.ts";
import type { EscrowAccounts } from "../billing/escrow-books.ts";
import { lockEscrow } from "../billing/escrow-purse.ts";
import { chainNowS } from "../billing/escrow-room.ts";
import type { EscrowRow } from "../billing/escrow-room.ts";
import { moneyTransaction } from "../billing/money-transaction.ts";
import type { MoneyTransaction } from "../billing/money-transaction.ts";
import type { Chain } from "../chain/chain.ts";
import type { ChainContext } from "../chain/context.ts";
import { escrows } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { hasOpenHolds } from "./open-holds.ts";
import { ownEscrow } from "./own-escrow.ts";
import { seeOwnEscrow } from "./see-escrow.ts";

/** Long enough to find one's wallet; then another one is asked for. */
const VALID_S = 3_600;
/** One that is as good as over is not handed out again. */
const LEAST_S = 600;

/** Asked again it is the same consent while that is valid. @throws Refusal */
export async function giveConsent(ctx: ChainContext, person: string): Promise<ConsentView> {
  const chain = ctx.ton.get();
  const { address } = await ownEscrow(ctx, chain, person);
  const seen = await seeOwnEscrow(ctx, chain, { person, address });
  if (seen === null || seen.keys.length === 0)
    throw refused("Your escrow is not open, so that there is nothing to close.");
  const accounts = await escrowAccounts(ctx.ledger, address);
  const agreed = await moneyTransaction(ctx.pg, (open) => agree(ctx, open, { address, accounts }));
  return signed(chain, address, agreed);
}

interface Agreed {
  readonly round: number;
  readonly cumulative: bigint;
  readonly validUntil: number;
}

async function agree(
  ctx: ChainContext,
  open: MoneyTransaction,
  { address, accounts }: { address: string; accounts: EscrowAccounts },
): Promise<Agreed> {
  const row = (await lockEscrow(open.tx, address))!;
  if (row.bookedRound !== row.round)
    throw refused("What its last round owed is still being counted: ask again in a minute.");
  if (await hasOpenHolds(open.client, accounts.escrow))
    throw refused("An answer that it pays is still under way: ask again when it has ended, or stop it.");
  const { captured } = await escrowBooks(open.client, accounts, row);
  const validUntil = validUntilOf(row, chainNowS(row, ctx.clock()));
  await open.tx
    .update(escrows)
    .set({ consentRound: row.round, consentUntil: validUntil })
    .where(eq(escrows.address, address));
  return { round: row.round, cumulative: captured, validUntil };
}

function validUntilOf({ round, consentRound, consentUntil }: EscrowRow, nowS: number): number {
  const before = consentRound === round ? consentUntil : null;
  return before !== null && before > nowS + LEAST_S ? before : nowS + VALID_S;
}

async function signed(chain: Chain, address: string, agreed: Agreed): Promise<ConsentView> {
  const { round, cumulative, validUntil } = agreed;
  const key = await privateKeyOf(chain.providerSeed!);
  const signature = await signCloseConsent({ networkId: chain.networkId, escrow: address, ...agreed }, key);
  return { round, cumulative: String(cumulative), validUntil, signature: Buffer.from(signature).toString("hex") };
}

function refused(why: string): Refusal {
  return new Refusal("conflict", `${why} Nothing was agreed to or charged; your money is where it was.`);
}
