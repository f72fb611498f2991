/** Payments that Telegram returned, each taken back once, whatever is repeated. */
import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import type { PoolClient } from "pg";
import type { Base } from "../base.ts";
import { people, starCharges } from "../db/schema.ts";
import { findCharge, settled } from "./charges.ts";
import type { ChargeRow, Settled } from "./charges.ts";
import { NANO_PER_STAR, planReturn } from "./plan-moves.ts";
import type { RestTo } from "./plan-moves.ts";
import { findRefundAct } from "./refund-acts.ts";
import { lockStanding, openStarAccounts, postMoves } from "./star-books.ts";
import { starTransaction } from "./star-transaction.ts";

export interface StarRefund {
  readonly charge: string;
  readonly telegramId: number;
  readonly stars: number;
  /** Seconds since the epoch, as Telegram counts. */
  readonly at: number;
}

export interface TakenBack extends Settled {
  /** The person's, whom Telegram's message does not describe; null where they are gone. */
  readonly language: string | null;
}

/**
 * Telegram returned the payment: its credits are taken back as far as they are free, and what was spent of them is a
 * debt, or the house's gift where an operator returned it. One that was not heard of yet is not credited when it is.
 */
export async function takeBackRefunded(ctx: Pick<Base, "pg" | "log">, refund: StarRefund): Promise<TakenBack> {
  const { charge, telegramId, stars } = refund;
  return starTransaction(ctx.pg, charge, async (client) => {
    const tx = drizzle(client);
    const before = await findCharge(tx, charge, "refunded");
    const [known] = await tx
      .select({ id: people.id, language: sql<string>`coalesce(${people.chosenLanguage}, ${people.language})` })
      .from(people)
      .where(eq(people.telegramId, telegramId));
    const language = known?.language ?? null;
    if (before !== null) return { ...(await settled(client, { ...before, fresh: false })), language };
    const paid = await findCharge(tx, charge, "paid");
    if (paid !== null && paid.stars !== stars)
      ctx.log.error({ charge }, "a refund of Stars is not of the whole payment; all that was credited is taken back");
    const person = paid === null ? (known?.id ?? null) : paid.person;
    const credits = paid === null ? 0n : await takeBack(client, paid);
    const { order = null, subscription = false } = paid ?? {};
    const facts = { charge, telegramId, stars, order, subscription, at: new Date(refund.at * 1_000) };
    await tx.insert(starCharges).values({ ...facts, direction: "refunded", person, credits });
    return { ...(await settled(client, { fresh: true, person, credits })), language };
  });
}

/** Returns what its person gave back or owes now. */
async function takeBack(client: PoolClient, paid: ChargeRow): Promise<bigint> {
  const accounts = await openStarAccounts(client, paid.person);
  const restTo = await whoBearsTheRest(client, paid);
  // What was credited then, whatever a subscription is worth today.
  const stars = BigInt(paid.stars) * NANO_PER_STAR;
  const worth = { paid: stars, bonus: paid.credits - stars };
  const { moves, taken, rest } = planReturn(worth, await lockStanding(client, accounts), restTo);
  await postMoves(client, { name: ["refunded", paid.charge], kind: "refund", accounts, moves });
  return restTo === "debt" ? taken + rest : taken;
}

/** Of somebody who deleted themselves nothing can be asked. */
async function whoBearsTheRest(client: PoolClient, { charge, person }: ChargeRow): Promise<RestTo> {
  const db = drizzle(client);
  const isHere = person !== null && (await db.$count(people, eq(people.id, person))) > 0;
  if (!isHere) return "gifts";
  return (await findRefundAct(db, charge))?.restTo ?? "debt";
}
