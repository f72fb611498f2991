import * as fc from "fast-check";
import { answer, dispatch, prepare } from "@starai/contracts/connect/request-once";
import type { RequestOnce } from "@starai/contracts/connect/request-once";
import type { InvoiceView } from "@starai/protocol/wallet";
import { expect, test } from "vitest";
import { isOnItsWay, isUntouched, phaseOf, settled } from "./deposit-phase.ts";

const STATES = ["asked", "handed", "sent", "checking", "credited", "expired"] as const;
const invoice = (state: InvoiceView["state"], id = "7"): InvoiceView => ({
  id,
  amount: "1000000000",
  expiresAt: "2026-11-29T12:05:00.000Z",
  state,
  transaction: null,
});
const VALID_UNTIL = 1_800_000_000;
const prepared = prepare(null, { queryId: 7n, validUntil: VALID_UNTIL });
const dispatched = dispatch(prepared);
const refused = answer(dispatched, "refused");
const lost = answer(dispatched, "lost");

test("a payment that a wallet has is being asked for on the device that asked, and may have been sent for all others", () => {
  expect(phaseOf(invoice("handed"), dispatched)).toBe("asking");
  expect(phaseOf(invoice("handed"), lost)).toBe("unknown");
  expect(phaseOf(invoice("handed"), null)).toBe("unknown");
  expect(phaseOf(invoice("handed", "8"), dispatched)).toBe("unknown");
});

test("a refusal is known on its device only, and is over with the invoice", () => {
  expect(phaseOf(invoice("handed"), refused)).toBe("refused");
  expect(phaseOf(invoice("expired"), refused)).toBe("none");
});

test("what the chain shows counts for more than what a wallet said", () => {
  for (const kept of [dispatched, refused, lost, null]) {
    expect(phaseOf(invoice("sent"), kept)).toBe("sent");
    expect(phaseOf(invoice("checking"), kept)).toBe("checking");
  }
  expect(phaseOf(invoice("credited"), lost)).toBe("credited");
});

test("the end of a payment is told where it was waited for, and nowhere else", () => {
  for (const end of ["credited", "expired"] as const) {
    expect(phaseOf(invoice(end), lost)).toBe(end);
    expect(phaseOf(invoice(end), null)).toBe("none");
    expect(phaseOf(invoice(end, "8"), lost)).toBe("none");
  }
  expect(phaseOf(null, lost)).toBe("none");
});

test("another request is made by itself only when the one before cannot be paid any more", () => {
  const kept = fc.constantFrom<RequestOnce | null>(null, prepared, dispatched, refused, lost);
  fc.assert(
    fc.property(kept, fc.constantFrom(...STATES), fc.constantFrom("7", "8"), (before, state, id) => {
      const now = settled(before, invoice(state, id), VALID_UNTIL);
      const next = () => {
        try {
          return prepare(now, { queryId: 9n, validUntil: VALID_UNTIL + 300 }).state;
        } catch (error) {
          return (error as Error).constructor.name;
        }
      };
      const open = before?.state === "dispatched" || before?.state === "unknown";
      const ended = id === "7" && (state === "checking" || state === "credited" || state === "expired");
      expect(next()).toBe(open && !ended ? "NotAgain" : "prepared");
    }),
  );
});

test("a second look at the same changes nothing", () => {
  const kept = fc.constantFrom<RequestOnce | null>(null, prepared, dispatched, refused, lost);
  fc.assert(
    fc.property(kept, fc.constantFrom(...STATES), (before, state) => {
      const now = settled(before, invoice(state), VALID_UNTIL);
      expect(settled(now, invoice(state), VALID_UNTIL)).toBe(now);
    }),
  );
});

test("of a payment that another device's has taken the place of, time alone says that it cannot come any more", () => {
  expect(settled(lost, invoice("handed", "8"), VALID_UNTIL)).toBe(lost);
  expect(settled(lost, invoice("credited", "8"), VALID_UNTIL + 3_600)?.state).toBe("expired");
});

test("a payment that no wallet was handed stands in nobody's way, and one that was handed does", () => {
  expect(isUntouched(lost, invoice("asked"))).toBe(true);
  expect(isUntouched(lost, invoice("handed"))).toBe(false);
  expect(isUntouched(lost, invoice("asked", "8"))).toBe(false);
  expect(isUntouched(null, null)).toBe(false);
});

test("only what goes on without the person is looked at again and again", () => {
  expect(STATES.map((state) => isOnItsWay(phaseOf(invoice(state), lost)))).toEqual([
    false,
    true,
    true,
    true,
    false,
    false,
  ]);
});
