import { expect, test } from "vitest";
import { Crossings } from "./crossings.ts";

test("a question is crossed when another message came after it or when it had to wait, in its own chat only", () => {
  const crossings = new Crossings();
  crossings.arrived({ chat: "a", message: 1, waits: false });
  expect(crossings.isCrossed("a", 1)).toBe(false);
  crossings.arrived({ chat: "b", message: 9, waits: false });
  expect(crossings.isCrossed("a", 1)).toBe(false);
  crossings.arrived({ chat: "a", message: 2, waits: true });
  expect(crossings.isCrossed("a", 1)).toBe(true);
  expect(crossings.isCrossed("a", 2)).toBe(true);
  crossings.arrived({ chat: "a", message: 3, waits: false });
  expect(crossings.isCrossed("a", 3)).toBe(false);
});

test("a question this process never saw is not crossed, and old ones are forgotten", () => {
  const crossings = new Crossings();
  expect(crossings.isCrossed("a", 5)).toBe(false);
  crossings.arrived({ chat: "a", message: 1, waits: true });
  for (let chat = 0; chat < 10_000; chat++) crossings.arrived({ chat: String(chat), message: 1, waits: true });
  expect(crossings.isCrossed("a", 1)).toBe(false);
});
