import { createHash } from "node:crypto";
import { Address } from "@ton/core";
import type { Transaction } from "@ton/core";
import type { TonClient } from "@ton/ton";
import { expect, test } from "vitest";
import { AccountReader } from "./read-account.ts";

const ACCOUNT = { role: "deposits", address: Address.parseRaw(`0:${"a".repeat(64)}`) } as const;

const hashAt = (lt: bigint): Buffer =>
  lt === 0n ? Buffer.alloc(32) : createHash("sha256").update(String(lt)).digest();
const placeAt = (lt: bigint) => ({ lt, hash: hashAt(lt) });

/** Of an account with this many transactions: what the reader looks at. */
function transactionAt(lt: bigint): Transaction {
  const prevTransactionHash = BigInt(`0x${hashAt(lt - 1n).toString("hex")}`);
  return { lt, hash: () => hashAt(lt), prevTransactionLt: lt - 1n, prevTransactionHash } as Transaction;
}

/** An honest endpoint, and how many pages it was asked for. */
function endpointOf(length: { now: bigint }) {
  const asked = { pages: 0, limit: 0 };
  const client: Pick<TonClient, "getContractState" | "getTransactions"> = {
    getContractState: async () => {
      const lastTransaction = { lt: String(length.now), hash: hashAt(length.now).toString("base64") };
      return { balance: 5n, lastTransaction, timestampt: 1 } as Awaited<ReturnType<TonClient["getContractState"]>>;
    },
    getTransactions: async (_address, { lt, limit }) => {
      asked.pages++;
      asked.limit = Math.max(asked.limit, limit);
      const from = BigInt(lt!);
      const count = from < BigInt(limit) ? Number(from) : limit;
      return Array.from({ length: count }, (_, at) => transactionAt(from - BigInt(at)));
    },
  };
  return { client: client as TonClient, asked };
}

test("a history of many looks is read in its order, the oldest part first, and each look has a bound", async () => {
  const length = { now: 12_345n };
  const { client, asked } = endpointOf(length);
  const reader = new AccountReader(client, ACCOUNT);
  let cursor: ReturnType<typeof placeAt> | null = null;
  for (let more = true; more;) {
    const unbooked = await reader.unbooked(cursor);
    expect(unbooked.transactions.length).toBeLessThanOrEqual(5_000);
    // The account's balance is told with its last transaction only.
    expect(unbooked.balance).toBe(unbooked.more ? null : 5n);
    for (const { lt } of unbooked.transactions) {
      expect(lt).toBe((cursor?.lt ?? 0n) + 1n);
      cursor = placeAt(lt);
    }
    more = unbooked.more;
    // It grows meanwhile.
    if (more) length.now += 10n;
  }
  expect(cursor!.lt).toBeGreaterThanOrEqual(12_345n);
  expect((await reader.unbooked(cursor)).transactions.length).toBe(Number(length.now - cursor!.lt));
  // Each part is read twice at most, and what came meanwhile.
  expect([asked.limit, asked.pages <= 400]).toEqual([100, true]);
});

test("an endpoint that is behind, or at another history, is told from one that has nothing new", async () => {
  const { client } = endpointOf({ now: 10n });
  const reader = new AccountReader(client, ACCOUNT);
  expect((await reader.unbooked(placeAt(10n))).transactions).toEqual([]);
  await expect(reader.unbooked(placeAt(11n))).rejects.toMatchObject({ why: "late" });
  await expect(reader.unbooked({ lt: 10n, hash: Buffer.alloc(32, 9) })).rejects.toMatchObject({ why: "fork" });
  await expect(reader.unbooked({ lt: 9n, hash: Buffer.alloc(32, 9) })).rejects.toMatchObject({ why: "fork" });
  expect((await reader.unbooked(placeAt(9n))).transactions.map(({ lt }) => lt)).toEqual([10n]);
});
