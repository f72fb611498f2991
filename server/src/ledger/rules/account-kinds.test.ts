import { expect, test } from "vitest";
import { isSigned } from "./account-kinds.ts";
import type { AccountKind } from "./account-kinds.ts";

test.each<AccountKind>([
  "chain_deposits",
  "chain_till",
  "chain_hot",
  "chain_pool",
  "telegram_stars",
  "debt",
  "receivable",
])("a %s account may be below zero: it mirrors money outside, or is a debt", (kind) => {
  expect(isSigned(kind)).toBe(true);
});

test.each<AccountKind>([
  "person",
  "promo",
  "escrow",
  "earner",
  "fees",
  "availability",
  "refunds",
  "loss",
  "in_flight",
  "unmatched",
  "float",
  "expense",
])("a %s account cannot be below zero: it spends what it has", (kind) => {
  expect(isSigned(kind)).toBe(false);
});
