/** How a person is named on the chain, where everybody can read it: made at first use, random, and never changed. */
import { randomBytes } from "node:crypto";
import { eq } from "drizzle-orm";
import type { Executor } from "../db/executor.ts";
import { depositNumbers } from "../db/schema.ts";
import { assert } from "../errors.ts";
import { newMemo } from "./memo.ts";

export interface DepositNumber {
  /** 63 bits, above zero. */
  readonly number: bigint;
  readonly memo: string;
}

/** One in thousands of millions is taken; two in a row are a fault of ours. */
const TRIES_MAX = 3;

export async function depositNumberOf(db: Executor, person: string): Promise<DepositNumber> {
  const find = () => db.select().from(depositNumbers).where(eq(depositNumbers.person, person));
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const [known] = await find();
    if (known !== undefined) return { number: known.number, memo: known.memo };
    // Another request may have made it meanwhile: the first one stays.
    await db.insert(depositNumbers).values({ number: random63(), person, memo: newMemo() }).onConflictDoNothing();
  }
  const [known] = await find();
  assert(known !== undefined, "a person gets a deposit number");
  return { number: known.number, memo: known.memo };
}

/** 63 random bits, above zero. */
export function random63(): bigint {
  return randomBytes(8).readBigUInt64BE() >> 1n || 1n;
}
