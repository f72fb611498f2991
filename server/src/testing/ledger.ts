/** For tests: a ledger on a database of its own, accounts with money in them, and the invariants after each test. */
import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { Ledger } from "../ledger/ledger.ts";
import type { AccountKind, Asset } from "../ledger/rules/account-kinds.ts";
import type { AccountId, Capture, Hold, Move, Outcome } from "../ledger/rules/operation.ts";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import { createTestDatabase } from "./database.ts";
import type { TestDatabase } from "./database.ts";

export const DONE: Outcome = { kind: "done" };
export const AGAIN: Outcome = { kind: "again" };
export const CONFLICT: Outcome = { kind: "conflict" };
const TODAY = "2026-11-29";

export interface TestLedger extends AsyncDisposable {
  readonly ledger: Ledger;
  readonly pg: TestDatabase["pg"];
  /** For a further ledger on the same books, as another server has one. */
  readonly connection: TestDatabase["connection"];
  /** An account with this much in it. */
  readonly account: (kind: AccountKind, amount?: bigint, asset?: Asset) => Promise<AccountId>;
  readonly balance: (account: AccountId) => Promise<{ balance: bigint; held: bigint }>;
  /** Call it after each test: fails where the books, all of them, are not right. */
  expectSound(): Promise<void>;
}

export async function openTestLedger(): Promise<TestLedger> {
  const database = await createTestDatabase();
  const ledger = new Ledger(database.connection);
  return {
    ledger,
    pg: database.pg,
    account: (kind, amount = 0n, asset = "coin") => openFunded(ledger, { kind, amount, asset }),
    balance: (account) => balanceOf(database.pg, account),
    expectSound: () => expectSound(database.pg),
    connection: database.connection,
    [Symbol.asyncDispose]: async () => {
      await ledger[Symbol.asyncDispose]();
      await database.close();
    },
  };
}

async function openFunded(
  ledger: Ledger,
  { kind, amount, asset }: { kind: AccountKind; amount: bigint; asset: Asset },
): Promise<AccountId> {
  const account = await ledger.openAccount({ asset, kind, owner: `test:${randomUUID()}` });
  if (amount === 0n) return account;
  const chain = await ledger.openAccount({ asset, kind: "chain_deposits", owner: "house" });
  expect(await ledger.do(moveOf({ from: chain, to: account, amount }))).toEqual(DONE);
  return account;
}

/** Every posting is looked at, not only what came since the last verification. */
export async function expectSound(pg: TestDatabase["pg"]): Promise<void> {
  const { findings, looked } = await verifyLedger(pg, { now: new Date(), whole: true });
  expect(findings).toEqual([]);
  expect(looked.accounts).toBeGreaterThan(0);
}

async function balanceOf(pg: TestDatabase["pg"], id: AccountId): Promise<{ balance: bigint; held: bigint }> {
  const { rows } = await pg.query<{ balance: string; held: string }>(
    "select balance, held from ledger_accounts where id = $1",
    [id],
  );
  return { balance: BigInt(rows[0]!.balance), held: BigInt(rows[0]!.held) };
}

export function moveOf(asked: Pick<Move, "from" | "to" | "amount"> & Partial<Move>): Move {
  return { verb: "move", key: randomUUID(), kind: "deposit", ...asked };
}

export function holdOf(asked: Pick<Hold, "account" | "amount"> & Partial<Hold>): Hold {
  const expiresAt = new Date(Date.now() + 900_000);
  return { verb: "hold", id: randomUUID(), day: TODAY, caps: [], expiresAt, ...asked };
}

export function captureOf(asked: Pick<Capture, "hold" | "legs"> & Partial<Capture>): Capture {
  return { verb: "capture", key: randomUUID(), ...asked };
}
