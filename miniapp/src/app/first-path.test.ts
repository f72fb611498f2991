import { expect, test } from "vitest";
import { firstPath } from "./first-path.ts";

test("a link to a conversation opens it, any other launch opens the list, and a reload keeps the address", () => {
  const link = "t_0198f0c07b3a7cc2b1d0a5f4e3c2b1a0";
  expect(firstPath("#tgWebAppData=x", link)).toBe("/chats/0198f0c0-7b3a-7cc2-b1d0-a5f4e3c2b1a0");
  expect(firstPath("#tgWebAppData=x", "t_../../settings")).toBe("/");
  expect(firstPath("", null)).toBe("/");
  expect(firstPath("#/pool", link)).toBeNull();
});
