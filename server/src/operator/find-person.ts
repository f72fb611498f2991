/** A person as an operator names them. */
import { eq } from "drizzle-orm";
import { people } from "../db/schema.ts";
import { isUuid } from "../ledger/rules/operation.ts";
import type { Acting } from "./act.ts";

const TELEGRAM_ID = /^\d{1,15}$/;

/** Their id; they are there until the transaction ends. @throws a sentence */
export async function findPerson({ db }: Acting, word: string): Promise<string> {
  const where = isUuid(word)
    ? eq(people.id, word)
    : TELEGRAM_ID.test(word)
      ? eq(people.telegramId, Number(word))
      : null;
  if (where === null)
    throw new Error(`"${word.slice(0, 40)}" is neither a Telegram id nor a person's id. Nothing was changed.`);
  const [person] = await db.select({ id: people.id }).from(people).where(where).for("key share");
  if (person === undefined) throw new Error(`Nobody here has the id ${word}. Nothing was changed.`);
  return person.id;
}
