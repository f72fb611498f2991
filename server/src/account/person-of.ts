/** The person behind a Telegram id, for the bot's requests. */
import { eq } from "drizzle-orm";
import type { Base } from "../base.ts";
import { people } from "../db/schema.ts";
import { Refusal } from "../errors.ts";

/** Who asks about money: the ledger's accounts and bills are under `id`. */
export interface Payer {
  readonly id: string;
  readonly telegramId: number;
}

/** @throws Refusal `not_found` for somebody who never wrote to the bot */
export async function payerOf({ db }: Pick<Base, "db">, telegramId: number): Promise<Payer> {
  const [person] = await db.select({ id: people.id }).from(people).where(eq(people.telegramId, telegramId));
  if (person === undefined) throw new Refusal("not_found", "Nobody with this Telegram id has written to the bot yet.");
  return { id: person.id, telegramId };
}
