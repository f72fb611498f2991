import { expect, test } from "vitest";
import { firstPath } from "./first-path.ts";

test("a link to a place of money opens it, and an unknown place opens the list", () => {
  expect(firstPath("#tgWebAppData=x", "wallet")).toBe("/wallet");
  expect(firstPath("#tgWebAppData=x", "topup")).toBe("/wallet/top-up");
  expect(firstPath("#tgWebAppData=x", "coins")).toBe("/wallet/coins");
  expect(firstPath("#/settings", "wallet")).toBeNull();
  for (const unknown of ["bank", "toString", "__proto__", ""]) expect(firstPath("", unknown)).toBe("/");
});

test("a link to a conversation opens it, any other launch opens the list, and a reload keeps the address", () => {
  const link = "t_0198f0c07b3a7cc2b1d0a5f4e3c2b1a0";
  expect(firstPath("#tgWebAppData=x", link)).toBe("/chats/0198f0c0-7b3a-7cc2-b1d0-a5f4e3c2b1a0");
  expect(firstPath("#tgWebAppData=x", "t_../../settings")).toBe("/");
  expect(firstPath("", null)).toBe("/");
  expect(firstPath("#/pool", link)).toBeNull();
});

test("a link to a receipt opens it, and only a whole id does", () => {
  const id = "0198f0c07b3a7cc2b1d0a5f4e3c2b1a0";
  expect(firstPath("", `receipt_${id}`)).toBe("/wallet/receipts/0198f0c0-7b3a-7cc2-b1d0-a5f4e3c2b1a0");
  for (const odd of ["receipt_", `receipt_${id}0`, `receipt_${id.slice(1)}`, `receipts_${id}`])
    expect(firstPath("", odd)).toBe("/");
});

test("a link of a machine's terminal opens its pairing with the code, and only a whole code does", () => {
  expect(firstPath("#tgWebAppData=x", "pair_0ABCDEFG")).toBe("/machines/pair/0ABCDEFG");
  expect(firstPath("#tgWebAppData=x", "pair_0abcdefg")).toBe("/machines/pair/0ABCDEFG");
  for (const odd of ["pair_", "pair_0ABCDEF", "pair_0ABCDEFGH", "pair_../../AB", "pair_OOOOOOOO"])
    expect(firstPath("", odd)).toBe("/");
});
