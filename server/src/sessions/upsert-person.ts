/** Finds or creates the row of a person who signs in or writes. */
import { getTableColumns, sql } from "drizzle-orm";
import type { Executor } from "../db/executor.ts";
import { people } from "../db/schema.ts";
import { assert } from "../errors.ts";
import { returnFreeAnswers } from "./returning-person.ts";

export interface PersonInput {
  telegramId: number;
  name: string;
  /** A BCP 47 tag as Telegram gives it, e.g. `ru` or `pt-br`. */
  language: string;
}

export type Person = typeof people.$inferSelect;

/** The person's row, with today's name and language; their chosen model is left as it is. */
export async function upsertPerson(db: Executor, input: PersonInput): Promise<Person> {
  const [row] = await db
    .insert(people)
    .values(input)
    .onConflictDoUpdate({ target: people.telegramId, set: { name: input.name, language: input.language } })
    // A row that was not there before has no earlier transaction to its name.
    .returning({ ...getTableColumns(people), isNew: sql<boolean>`xmax = 0` });
  assert(row !== undefined, "an upsert returns its row");
  const { isNew, ...person } = row;
  if (isNew) await returnFreeAnswers(db, { person: person.id, telegramId: person.telegramId });
  return person;
}
