import { randomUUID } from "node:crypto";
import { beginCell } from "@ton/core";
import { expect, test } from "vitest";
import { idsInBounce, idsOfQuery, payoutBody, queryIdOf } from "./message-name.ts";

/** As the chain sends a message back: a mark and the first 256 bits of the body. */
function bounceOf(id: string) {
  const body = payoutBody(id).beginParse();
  const bits = body.loadBits(Math.min(256, body.remainingBits));
  return mark().storeBits(bits).endCell();
}

const mark = () => beginCell().storeUint(0xffffffff, 32);

test("a payout that came back, and an answer to a query, lead to the row that they are about", () => {
  for (let tries = 0; tries < 20; tries++) {
    const id = randomUUID();
    for (const ids of [idsInBounce(bounceOf(id)), idsOfQuery(queryIdOf(id))])
      expect(ids!.first <= id && id <= ids!.last).toBe(true);
  }
});

test("two messages never have the same body", () => {
  expect(payoutBody(randomUUID()).equals(payoutBody(randomUUID()))).toBe(false);
});

test("anything else leads to no row", () => {
  const others = [
    beginCell(),
    beginCell().storeUint(0, 32).storeStringTail("StarAI 0123456789ab"),
    mark(),
    mark().storeUint(0, 32),
    mark().storeUint(7, 32).storeStringTail("StarAI 0123456789ab"),
    mark().storeUint(0, 32).storeStringTail("StarAI 0123456789a'"),
  ];
  for (const body of others) expect(idsInBounce(body.endCell())).toBeNull();
  expect(idsOfQuery(1n << 60n)).toBeNull();
});
