/** Looks at an escrow on the chain, and keeps what was seen. */
import { Address } from "@ton/core";
import { sql } from "drizzle-orm";
import { CLOCK_MARGIN, Escrow } from "@starai/contracts/Escrow";
import type { EscrowState } from "@starai/contracts/Escrow";
import type { EscrowRow } from "../billing/escrow-room.ts";
import type { Chain } from "../chain/chain.ts";
import type { ChainContext } from "../chain/context.ts";
import { escrows } from "../db/schema.ts";
import { Refusal } from "../errors.ts";

/** Owners may write any cap; more than all coins there are says no more than this. */
const COINS_MAX = 4n * 10n ** 18n;

/** For its owner: those who ask while a look is under way share it. @throws Refusal `queue_full`, or as seeEscrow says */
export function seeOwnEscrow(
  ctx: ChainContext,
  chain: Chain,
  { person, address }: { person: string; address: string },
): Promise<EscrowRow | null> {
  const asked = { person, question: `escrow ${address}`, nowMs: ctx.clock() };
  return ctx.ton.asked.once(asked, () => seeEscrow(ctx, chain, address));
}

/**
 * Returns the row after the look; null where there is no contract. An endpoint that is behind what was seen before
 * changes nothing, and counts as none. A new escrow's books begin with what it had paid by then.
 * @throws Refusal `interrupted` when the chain does not answer
 */
export async function seeEscrow(ctx: ChainContext, chain: Chain, address: string): Promise<EscrowRow | null> {
  const seen = await readEscrow(chain, address).catch((error: unknown) => {
    throw chainAway(error);
  });
  return seen === null ? null : keep(ctx, { address, seen });
}

export function chainAway(cause: unknown): Refusal {
  return new Refusal(
    "interrupted",
    "The chain does not answer at the moment. Nothing was signed, charged or changed: send this again in a minute.",
    { retryAfterS: 60, cause },
  );
}

interface Seen {
  /** UNIX seconds of the chain, of the block that the endpoint answers by. */
  readonly atS: number;
  readonly state: EscrowState;
  readonly available: bigint;
}

async function readEscrow({ client, nowS }: Chain, address: string): Promise<Seen | null> {
  const at = Address.parseRaw(address);
  // Asked first: the time is never later than the state that it is kept with.
  const { state: phase, timestampt: atS } = await client.getContractState(at);
  // A time kept from the future would make every honest look after it one that is behind.
  if (!Number.isInteger(atS) || atS < 0 || atS > nowS() + CLOCK_MARGIN)
    throw new Error(`an endpoint's block is of ${atS}, and by our clock it is ${nowS()}`);
  if (phase !== "active") return null;
  const escrow = client.open(new Escrow(at));
  // In this order: a payment between the two calls makes it look poorer, never richer.
  const state = await escrow.getState();
  return { atS, state, available: await escrow.getSpendable() };
}

async function keep(
  ctx: ChainContext,
  { address, seen: { atS, state, available } }: { address: string; seen: Seen },
): Promise<EscrowRow> {
  const { settled, round } = state;
  const facts = {
    seenAt: new Date(ctx.clock()),
    seenChainS: atS,
    keys: state.keys.map((key) => key.toString("hex")),
    round,
    ripeAt: state.ripeAt,
    settled,
    available: bounded(available),
    dailyCap: bounded(state.dailyCap),
    capLeft: bounded(state.capLeft),
  };
  const terms = {
    owner: state.owner.toRawString(),
    vault: state.vault.toRawString(),
    networkId: state.networkId,
    providerKey: state.providerKey.toString("hex"),
  };
  const begins = { judgedKeys: [], bookedRound: round, bookedSettled: settled };
  const before = sql`(${escrows.round}, ${escrows.settled}, ${escrows.seenChainS})`;
  const isBehind = sql`(${round}::bigint, ${settled}::bigint, ${atS}::bigint) < ${before}`;
  // An endpoint that has stopped at a block goes on to answer by it: that it was asked again shows nothing new.
  const seenAt = sql`case when ${escrows.seenChainS} = ${atS} then ${escrows.seenAt} else excluded.seen_at end`;
  const [row] = await ctx.db
    .insert(escrows)
    .values({ address, ...terms, ...facts, ...begins })
    .onConflictDoUpdate({ target: escrows.address, set: { ...facts, seenAt }, setWhere: sql`not (${isBehind})` })
    .returning();
  return row ?? (await storedEscrow(ctx, address))!;
}

export async function storedEscrow({ db }: Pick<ChainContext, "db">, address: string): Promise<EscrowRow | null> {
  const [row] = await db
    .select()
    .from(escrows)
    .where(sql`${escrows.address} = ${address}`);
  return row ?? null;
}

const bounded = (amount: bigint): bigint => (amount > COINS_MAX ? COINS_MAX : amount);
