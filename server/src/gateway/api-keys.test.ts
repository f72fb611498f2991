import { expect, test, vi } from "vitest";
import { createTestDatabase } from "../testing/database.ts";
import { ApiKeyCheck, createApiKey, newApiKey, revokeApiKey, storeApiKey } from "./api-keys.ts";
import { storeOwnKey } from "./own-keys.ts";

test("a key is recognised by its hash, and only the hash is stored", async () => {
  await using database = await createTestDatabase();
  const { key, id } = await createApiKey(database, "mine");
  const check = new ApiKeyCheck({ db: database.db, monotonic: () => performance.now() });
  expect(key).toMatch(/^sk-starai-[\w-]{43}$/);
  expect(await check.verify(key)).toEqual({ id, name: "mine", owner: null });
  const { rows } = await database.pg.query("select * from api_keys");
  expect(JSON.stringify(rows)).not.toContain(key.slice("sk-starai-".length));
});

test("a key that was not stored is rejected, whatever it looks like", async () => {
  await using database = await createTestDatabase();
  const check = new ApiKeyCheck({ db: database.db, monotonic: () => performance.now() });
  const { key } = await createApiKey(database, "mine");
  const strangers = [
    "",
    "sk-starai-",
    "sk-other",
    newApiKey(),
    `${key} `,
    key.toUpperCase(),
    "'; drop table api_keys; --",
  ];
  for (const stranger of strangers) expect(await check.verify(stranger)).toBeNull();
  expect(await check.verify(key)).not.toBeNull();
});

test("a revoked key is rejected within seconds, even if it was just used", async () => {
  await using database = await createTestDatabase();
  let now = 1_000;
  const check = new ApiKeyCheck({ db: database.db, monotonic: () => now });
  const { key, id } = await createApiKey(database, "mine");
  expect(await check.verify(key)).not.toBeNull();
  expect(await revokeApiKey(database, id)).toBe(true);
  now += 5_001;
  expect(await check.verify(key)).toBeNull();
  expect(await revokeApiKey(database, id)).toBe(false);
});

test("a key forgotten while it is being looked up is not remembered from that look", async () => {
  await using database = await createTestDatabase();
  const check = new ApiKeyCheck({ db: database.db, monotonic: () => 1_000 });
  const { key, id } = await createApiKey(database, "mine");
  const looking = check.verify(key);
  check.forget({ id });
  expect(await looking).not.toBeNull();
  await revokeApiKey(database, id);
  expect(await check.verify(key)).toBeNull();
});

test("forgetting one key, or a person's, leaves the others remembered", async () => {
  await using database = await createTestDatabase();
  const { rows } = await database.pg.query("insert into people (telegram_id, name) values (42, 'Ann') returning id");
  const owner: string = rows[0].id;
  const check = new ApiKeyCheck({ db: database.db, monotonic: () => 1_000 });
  const [house, own] = [await createApiKey(database, "house"), await storeOwnKey(database, owner, { name: "own" })];
  for (const { key } of [house, own]) await check.verify(key);
  await database.pg.query("update api_keys set revoked_at = now()");
  check.forget({ owner });
  expect(await check.verify(own.key)).toBeNull();
  expect(await check.verify(house.key)).not.toBeNull();
  check.forget({ id: house.id });
  expect(await check.verify(house.key)).toBeNull();
});

test("a valid key is looked up once in a few seconds, an invalid one each time", async () => {
  await using database = await createTestDatabase();
  let now = 1_000;
  const lookUps = vi.spyOn(database.db, "select");
  const check = new ApiKeyCheck({ db: database.db, monotonic: () => now });
  const { key } = await createApiKey(database, "mine");
  lookUps.mockClear();
  for (let times = 0; times < 3; times++) expect(await check.verify(key)).not.toBeNull();
  expect(lookUps).toHaveBeenCalledTimes(1);
  now += 5_001;
  expect(await check.verify(key)).not.toBeNull();
  expect(lookUps).toHaveBeenCalledTimes(2);
  for (let times = 0; times < 2; times++) expect(await check.verify(newApiKey())).toBeNull();
  expect(lookUps).toHaveBeenCalledTimes(4);
});

test("storing a key twice keeps one row, and does not reactivate a revoked key", async () => {
  await using database = await createTestDatabase();
  const key = newApiKey();
  const first = await storeApiKey(database, { key, name: "sandbox" });
  expect((await storeApiKey(database, { key, name: "sandbox" })).id).toBe(first.id);
  await revokeApiKey(database, first.id);
  await storeApiKey(database, { key, name: "sandbox" });
  expect(await new ApiKeyCheck({ db: database.db, monotonic: () => performance.now() }).verify(key)).toBeNull();
});
