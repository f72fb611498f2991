import { expect, test } from "vitest";
import { isLastFree } from "./is-last-free.ts";
import { isMoneyCode, wayOut } from "./money-refusal.ts";

const bill = { paidWith: "free" as const, amount: "0", bound: null, freeLeft: 0 };
const now = new Date("2026-11-29T23:59:00Z");

test("the line about the last free answer is for today's last one, by UTC", () => {
  expect(isLastFree(bill, "2026-11-29T00:01:00.000Z", now)).toBe(true);
  expect(isLastFree({ ...bill, freeLeft: 1 }, "2026-11-29T00:01:00.000Z", now)).toBe(false);
  expect(isLastFree({ ...bill, paidWith: "stars", freeLeft: null }, "2026-11-29T00:01:00.000Z", now)).toBe(false);
  expect(isLastFree(bill, "2026-11-29T00:01:00.000Z", new Date("2026-11-30T00:00:00Z"))).toBe(false);
  expect(isLastFree(null, "2026-11-29T00:01:00.000Z", now)).toBe(false);
});

test("each refusal about money has its way out, and no other refusal is one of them", () => {
  expect(wayOut("payment_required")).toBe("top_up");
  expect(wayOut("cap_reached")).toBe("caps");
  expect(wayOut("payments_paused")).toBeNull();
  for (const code of ["internal", "no_worker", "toString"]) expect(isMoneyCode(code)).toBe(false);
});
