import { Address } from "@ton/core";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestDatabase } from "../testing/database.ts";
import type { TestDatabase } from "../testing/database.ts";
import type { Chain } from "./chain.ts";
import { chainCursors } from "../db/schema.ts";
import { pinHome } from "./home.ts";
import { ownAddressOfHot, watchedAccounts } from "./watched-accounts.ts";

let database: TestDatabase;
/** What an operator would read. */
let said: string[];
const ctx = () => ({
  db: database.db,
  log: pino({ level: "info" }, { write: (line: string) => void said.push((JSON.parse(line) as { msg: string }).msg) }),
});
beforeEach(async () => {
  said = [];
  database = await createTestDatabase();
});
afterEach(() => database.close());

const at = (digit: string) => Address.parseRaw(`0:${digit.repeat(64)}`);
const HOME = { networkId: -3, deposits: at("a"), till: at("b"), distributor: at("c"), hotSeed: null } as Chain;

const hotOf = (chain: Chain) =>
  watchedAccounts(chain)
    .find(({ role }) => role === "hot")
    ?.address.toRawString();

test("a database is at home on the network and the contracts that it was first used with", async () => {
  await pinHome(ctx(), HOME);
  await expect(pinHome(ctx(), HOME)).resolves.toBe(HOME);
});

test.each([
  ["networkId", { networkId: -239 }],
  ["deposits", { deposits: at("d") }],
  ["till", { till: at("d") }],
  ["distributor", { distributor: at("d") }],
])("a database whose %s is another one is refused, in words", async (name, other) => {
  await pinHome(ctx(), HOME);
  await expect(pinHome(ctx(), { ...HOME, ...other })).rejects.toThrow(`(${name} is `);
});

test("the hot wallet is the one of the books, whoever has its key, and nobody is paid out of another one", async () => {
  const withSeed = (digit: number) => ({ ...HOME, hotSeed: Buffer.alloc(32, digit) });
  const booked = ownAddressOfHot(withSeed(1))!;
  // Before it is in the books any key will do, and without one no wallet is ours.
  expect(await pinHome(ctx(), withSeed(2))).toEqual(withSeed(2));
  expect(hotOf(await pinHome(ctx(), HOME))).toBeUndefined();
  const place = { lt: 1n, hash: Buffer.alloc(32), at: new Date() };
  await database.db.insert(chainCursors).values({ role: "hot", address: booked.toRawString(), ...place });
  expect(await pinHome(ctx(), withSeed(1))).toEqual(withSeed(1));
  expect(said).toEqual([]);
  const without = await pinHome(ctx(), HOME);
  expect([without.hotSeed, hotOf(without), said]).toEqual([null, booked.toRawString(), []]);
  const other = await pinHome(ctx(), withSeed(2));
  expect([other.hotSeed, hotOf(other)]).toEqual([null, booked.toRawString()]);
  expect(said).toEqual([expect.stringContaining("TON_HOT_SEED is of another wallet than the one in the books")]);
});
