import { translator } from "@starai/protocol/texts";
import { expect, test } from "vitest";
import { amountText, answersOf, changeText, exactText, spentText } from "./money-words.ts";

const t = translator("en");
const up = { language: "en", round: "up" } as const;

test("an amount has its unit once: Stars as Stars, never as coin", () => {
  expect(amountText(t, { nano: "3102451", paidWith: "stars", coin: "GRAM" }, up)).toBe("Stars: 0.0032");
  expect(amountText(t, { nano: "41203", paidWith: "coin", coin: "GRAM" }, up)).toBe("0.000042 GRAM");
  expect(exactText(t, { nano: "41203", paidWith: "coin", coin: "GRAM" })).toBe("0.000041203 GRAM");
});

test("a change has its sign; nobody is shown more than came or less than went", () => {
  expect(changeText("50990000000", "en")).toBe("+50");
  expect(changeText("-3102451", "en")).toBe("−0.0032");
  expect(changeText("0", "en")).toBe("0");
});

test("what was spent of a limit is Stars and coin together, in dollars; without a rate the coin is left out", () => {
  const spent = { stars: "1000000000", coin: "1000000000" };
  expect(spentText(spent, { microUsdPerCoin: "1700000" }, up)).toBe("$1.8");
  expect(spentText(spent, null, up)).toBe("1.3 ¢");
});

test("a balance is counted in answers of the chosen model, and not at all while they have no price", () => {
  const balance = { balance: 50_000_000_000n, model: "Qwen" };
  expect(answersOf(t, { ...balance, answer: "1540000" }, "en")).toBe("≈ 32,000 answers of Qwen");
  expect(answersOf(t, { ...balance, answer: null }, "en")).toBeNull();
  expect(answersOf(t, { ...balance, answer: "0" }, "en")).toBeNull();
});
