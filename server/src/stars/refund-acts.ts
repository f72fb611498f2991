/**
 * An operator's word that a payment is to be returned. It is stored before Telegram is asked, so that whoever hears of
 * the refund first (the command itself, the bot, the statement) books it as the operator meant it.
 */
import { and, desc, eq, inArray, sql } from "drizzle-orm";
import type { Executor } from "../db/executor.ts";
import { operatorActs } from "../db/schema.ts";
import type { RestTo } from "./plan-moves.ts";

const REFUND = "stars refund";
/** Telegram would not: the word before it counts no more. */
const REFUSED = "stars refund refused";

interface Act {
  readonly who: string;
  readonly why: string;
  readonly charge: string;
}

export async function noteRefund(db: Pick<Executor, "insert">, act: Act & { readonly restTo: RestTo }): Promise<void> {
  const { who, why, charge, restTo } = act;
  await db.insert(operatorActs).values({ who, why, verb: REFUND, params: { charge, restTo } });
}

export async function noteRefused(db: Pick<Executor, "insert">, { who, why, charge }: Act): Promise<void> {
  await db.insert(operatorActs).values({ who, why, verb: REFUSED, params: { charge } });
}

/** The last word on this charge; null where there is none that counts. */
export async function findRefundAct(db: Pick<Executor, "select">, charge: string): Promise<{ restTo: RestTo } | null> {
  const [act] = await db
    .select({ verb: operatorActs.verb, params: operatorActs.params })
    .from(operatorActs)
    .where(and(inArray(operatorActs.verb, [REFUND, REFUSED]), eq(sql`${operatorActs.params} ->> 'charge'`, charge)))
    .orderBy(desc(operatorActs.id))
    .limit(1);
  if (act?.verb !== REFUND) return null;
  return { restTo: (act.params as { restTo?: unknown }).restTo === "debt" ? "debt" : "gifts" };
}
