import { beginCell, convertToMerkleProof } from "@ton/core";
import type { Cell } from "@ton/core";
import { expect, test } from "vitest";
import type { AccountTransaction } from "../chain/account-transaction.ts";
import type { ChainContext } from "../chain/context.ts";
import { tillReading } from "./read-payment.ts";

/** What the till takes this body for; no body here comes so far that the database is asked. */
function readingOf(body: Cell) {
  const came = { from: `0:${"a".repeat(64)}`, fromRole: null, value: 1n, body, bounced: false };
  const transaction = { role: "till", in: came, outs: [] } as unknown as AccountTransaction;
  return tillReading({} as ChainContext)({} as never, transaction, {} as never);
}

test("a body that is no payment, or cannot even be read, is the house's money, and the till is read on", async () => {
  const text = beginCell().storeUint(0, 32).storeStringTail("hello").endCell();
  for (const body of [convertToMerkleProof(text), text, beginCell().endCell()])
    expect(await readingOf(body)).toMatchObject({ kind: "house", ref: null });
});
