import { expect, test } from "vitest";
import { sql } from "drizzle-orm";
import { createTestDatabase } from "../testing/database.ts";

test("transactions that cannot begin use up no connection", async () => {
  await using database = await createTestDatabase();
  const odd = { isolationLevel: "no such level" as "serializable" };
  for (let tries = 0; tries < 20; tries++)
    await expect(database.db.transaction(async () => undefined, odd)).rejects.toThrow(/begin/u);
  const committed = database.db.transaction(async (tx) => (await tx.execute(sql`select 7 as it`)).rows);
  expect(await committed).toEqual([{ it: 7 }]);
  expect(database.pg.totalCount - database.pg.idleCount).toBe(0);
});

test("a transaction that fails is undone", async () => {
  await using database = await createTestDatabase();
  const failed = database.db.transaction(async (tx) => {
    await tx.execute(sql`insert into api_keys (hash, name) values ('h', 'n')`);
    throw new Error("no further");
  });
  await expect(failed).rejects.toThrow("no further");
  expect((await database.pg.query("select 1 from api_keys")).rows).toEqual([]);
});
