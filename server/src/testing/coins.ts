/** For tests: a house whose money is on TON, and people with a wallet and coins. No chain is behind it: what needs one is tested in sandbox/. */
import { randomBytes } from "node:crypto";
import { Address } from "@ton/core";
import { TonClient } from "@ton/ton";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import type { Chain } from "../chain/chain.ts";
import { people, wallets } from "../db/schema.ts";
import { fund } from "./money.ts";
import { expectSound } from "./ledger.ts";
import { openTestThreads } from "./threads.ts";

/** Sunday, 29 November 2026, noon. */
export const COINS_NOW = Date.UTC(2026, 10, 29, 12);
export const DAY_MS = 86_400_000;

let telegramIds = 5_000;

export const randomAddress = (): Address => new Address(0, randomBytes(32));

export function testChain(client = new TonClient({ endpoint: "http://127.0.0.1:9/nobody-listens-here" })): Chain {
  return {
    networkId: LOCAL_NETWORK_ID,
    network: "sandbox",
    client,
    second: null,
    deposits: randomAddress(),
    till: randomAddress(),
    distributor: randomAddress(),
    hotSeed: null,
    publisherSeed: null,
    providerSeed: null,
    topUpInTelegram: false,
    explorer: { transaction: "https://explorer.example/tx/{hash}", address: "https://explorer.example/{address}" },
    domains: ["app.example"],
    nowS: () => COINS_NOW / 1_000,
  };
}

export async function openTestCoins() {
  const stack = await openTestThreads();
  const time = { now: COINS_NOW };
  Object.assign(stack.ctx, { clock: () => time.now });
  const { ctx } = stack;
  ctx.ton.open(testChain());
  return {
    ctx,
    time,
    /** Has a wallet that can be paid to from `payoutsFrom`, and this many nano coins. */
    async newPerson(coin = 0n, payoutsFrom = new Date(COINS_NOW - 1)) {
      const person = { telegramId: ++telegramIds, name: "Ann", language: "en" };
      const [row] = await ctx.db.insert(people).values(person).returning({ id: people.id });
      const { id } = row!;
      const address = randomAddress().toRawString();
      await ctx.db.insert(wallets).values({ person: id, address, payoutsFrom });
      if (coin > 0n) await fund(ctx, id, { coin });
      return { ...person, id, address };
    },
    /** Balance of an account of coins; 0 where there is none. */
    async balance(kind: string, owner: string): Promise<bigint> {
      const { rows } = await ctx.pg.query<{ balance: string }>(
        "select balance from ledger_accounts where asset = 'coin' and kind = $1 and owner = $2",
        [kind, owner],
      );
      return BigInt(rows[0]?.balance ?? 0);
    },
    join: stack.join,
    rows: async <Row extends object>(sql: string, ...values: unknown[]): Promise<Row[]> =>
      (await ctx.pg.query<Row>(sql, values)).rows,
    expectSound: () => expectSound(ctx.pg),
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

export type TestCoins = Awaited<ReturnType<typeof openTestCoins>>;
