/** For tests: the house's contracts on an embedded chain, and a database with the books of it; nothing looks by itself. */
import { internal } from "@ton/core";
import type { Address, Cell } from "@ton/core";
import { pino } from "pino";
import type { Chain } from "@starai/server/chain/chain";
import { chainLook } from "@starai/server/chain/look-at-chain";
import type { Readings } from "@starai/server/chain/look-at-chain";
import { watchedAccounts } from "@starai/server/chain/watched-accounts";
import { readConfig } from "@starai/server/config";
import type { AppContext } from "@starai/server/context";
import { createContext } from "@starai/server/create-context";
import type { WatchedRole } from "@starai/server/db/schema";
import type { OpenDatabase } from "@starai/server/db/open-database";
import { createTestDatabase } from "@starai/server/testing/database";
import { readingsOf } from "@starai/server/watch-chain";
import { chainOf } from "../ton/chain-of.ts";
import type { RoleWallet } from "../ton/roles.ts";
import { TestTon, personOf } from "./chain.ts";

export type ChainHouse = Awaited<ReturnType<typeof openChainHouse>>;

export async function openChainHouse({
  readings = {},
  chain: others = {},
  database,
}: { readings?: Partial<Readings>; chain?: Partial<Chain>; database?: OpenDatabase } = {}) {
  const test = await TestTon.open();
  const deployment = await test.ton.deployment();
  const { roles, chain: embedded, faucet } = test.opened;
  // Large deposits are checked anywhere but in the sandbox.
  const chain: Chain = {
    ...chainOf(deployment, test.opened, { urls: ["http://localhost"] }),
    network: "testnet",
    ...others,
  };
  const house = { test, chain, deployment, roles, embedded, faucet };
  const books = await openBooks(chain, readings, database);
  return {
    ...house,
    ...books,
    /** Further books of the same chain, from its beginning. */
    openBooks: () => openBooks(chain, readings),
    /** Sends one message of somebody's and waits for all that follows. */
    pay: (from: RoleWallet, message: { to: Address; value: bigint; body?: Cell | string; bounce?: boolean }) =>
      test.sendFrom(from, internal({ bounce: false, ...message })),
    /** A wallet of this name with coins. */
    rich: async (name: string, nano = 1_000n * 10n ** 9n): Promise<RoleWallet> => {
      const person = personOf(name);
      await faucet.give(person.wallet.address, nano);
      return person;
    },
    [Symbol.asyncDispose]: async () => {
      await books[Symbol.asyncDispose]();
      await test[Symbol.asyncDispose]();
    },
  };
}

async function openBooks(chain: Chain, readings: Partial<Readings>, own?: OpenDatabase) {
  const database = own ?? (await createTestDatabase());
  const config = readConfig({
    STARAI_HOME: "/nowhere",
    STARAI_MODELS: "/nowhere",
    STARAI_TITLES: "off",
    STARAI_BOT_KEY: "the-bot-key-of-a-test-0123456789abcdef",
  });
  const log = pino({ level: process.env.STARAI_LOG_LEVEL ?? "silent" });
  const ctx: AppContext = createContext({ config, log, db: database.db, pg: database.pg });
  ctx.ton.open(chain);
  const never = new AbortController().signal;
  const look = chainLook(ctx, chain, { ...readingsOf(ctx), ...readings });
  return {
    ctx,
    database,
    look: () => look(never),
    balances: () => balancesOf(ctx),
    mirrors: () => mirrorsOf(ctx, chain),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

/** Every coin account that has something: `kind owner` and its balance. */
async function balancesOf({ pg }: AppContext): Promise<Record<string, bigint>> {
  const { rows } = await pg.query<{ name: string; balance: string }>(
    "select kind || ' ' || owner as name, balance from ledger_accounts where asset = 'coin' and balance <> 0 order by 1",
  );
  return Object.fromEntries(rows.map(({ name, balance }) => [name, BigInt(balance)]));
}

/** What the books and the chain say that each of our accounts has. */
async function mirrorsOf(ctx: AppContext, chain: Chain): Promise<[WatchedRole, bigint, bigint][]> {
  const balances = await balancesOf(ctx);
  return Promise.all(
    watchedAccounts(chain).map(async ({ role, address }): Promise<[WatchedRole, bigint, bigint]> => [
      role,
      -(balances[`chain_${role} house`] ?? 0n),
      await chain.client.getBalance(address),
    ]),
  );
}
