import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fateOf } from "./fate-of-batch.ts";
import type { HotState } from "./hot-wallet.ts";

const BATCH = { seqno: 7, validUntil: 1_000 };
const seen = (more: Partial<HotState> = {}): HotState => ({
  balance: 1n,
  seqno: 7,
  isActive: true,
  lt: 50n,
  atS: 900,
  ...more,
});

test("while its time is not over and its number is free, a batch is sent again", () => {
  expect(fateOf(BATCH, seen(), { bookedLt: 50n, nowS: 900 })).toBe("send");
});

test("it has expired once both clocks are past its time, not when one of them is", () => {
  expect(fateOf(BATCH, seen({ atS: 1_100 }), { bookedLt: 50n, nowS: 1_100 })).toBe("expired");
  expect(fateOf(BATCH, seen({ atS: 1_100 }), { bookedLt: 50n, nowS: 900 })).toBe("wait");
  expect(fateOf(BATCH, seen({ atS: 900 }), { bookedLt: 50n, nowS: 1_100 })).toBe("send");
});

test("its number was used elsewhere only when the books know everything that the wallet did, and its time is over", () => {
  const used = seen({ seqno: 8, atS: 1_100 });
  expect(fateOf(BATCH, used, { bookedLt: 50n, nowS: 1_100 })).toBe("overtaken");
  expect(fateOf(BATCH, used, { bookedLt: 49n, nowS: 1_100 })).toBe("wait");
});

test("an endpoint that calls its number used while it still can run does not end it", () => {
  expect(fateOf(BATCH, seen({ seqno: 8 }), { bookedLt: 50n, nowS: 900 })).toBe("wait");
  expect(fateOf(BATCH, seen({ seqno: 8, atS: 5_000 }), { bookedLt: 50n, nowS: 900 })).toBe("wait");
});

test("an endpoint that lags behind the books says nothing about a batch", () => {
  expect(fateOf(BATCH, seen({ lt: 40n, atS: 5_000 }), { bookedLt: 50n, nowS: 5_000 })).toBe("wait");
});

test("a batch that may still run, or whose transaction may be unread, is never given up", () => {
  const anything = fc.record({
    seqno: fc.integer({ min: 0, max: 20 }),
    lt: fc.bigInt({ min: 0n, max: 100n }),
    atS: fc.integer({ min: 0, max: 3_000 }),
    bookedLt: fc.bigInt({ min: 0n, max: 100n }),
    nowS: fc.integer({ min: 0, max: 3_000 }),
  });
  fc.assert(
    fc.property(anything, ({ seqno, lt, atS, bookedLt, nowS }) => {
      const fate = fateOf(BATCH, seen({ seqno, lt, atS }), { bookedLt, nowS });
      const isGivenUp = fate === "expired" || fate === "overtaken";
      const mayStillRun = Math.min(atS, nowS) <= BATCH.validUntil;
      const mayBeUnread = seqno > BATCH.seqno && lt !== bookedLt;
      expect(isGivenUp && (mayStillRun || mayBeUnread)).toBe(false);
    }),
  );
});
