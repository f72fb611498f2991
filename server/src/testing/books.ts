/** For tests: the books after each of them. */
import { expect } from "vitest";
import type { Pool } from "pg";
import { verifyLedger } from "../ledger/verify-ledger.ts";

/** Every posting is looked at; a test that opened no account has nothing to find. */
export async function expectBooksRight(pg: Pool): Promise<void> {
  expect((await verifyLedger(pg, { now: new Date(), whole: true })).findings).toEqual([]);
}
