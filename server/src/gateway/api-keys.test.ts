import { expect, test, vi } from "vitest";
import { createTestDatabase } from "../testing/database.ts";
import { ApiKeyCheck, createApiKey, newApiKey, revokeApiKey, storeApiKey } from "./api-keys.ts";

test("a key is recognised by its hash, and only the hash is stored", async () => {
  await using database = await createTestDatabase();
  const { key, id } = await createApiKey(database, "mine");
  const check = new ApiKeyCheck({ db: database.db, monotonic: () => performance.now() });
  expect(key).toMatch(/^sk-starai-[\w-]{43}$/);
  expect(await check.verify(key)).toEqual({ id, name: "mine" });
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
