/** What the server says of a person's money, with what a test is about in its place. */
import type { MoneyOverview } from "@starai/protocol/money";

export function moneyOf(given: Partial<MoneyOverview> = {}): MoneyOverview {
  return {
    coin: "GRAM",
    free: {
      allowed: 20,
      used: 7,
      left: 13,
      resetsAt: "2026-11-30T00:00:00.000Z",
      modelIsFree: true,
      houseIsSpent: false,
    },
    stars: { spendable: "48000000000", held: "0", debt: "0" },
    prepaid: { spendable: "0", held: "0" },
    answer: { model: "qwen2.5-coder-1.5b", stars: "100000000", coin: null },
    rate: null,
    paused: null,
    caps: { answer: 20_000, day: 1_000_000 },
    spentToday: { stars: "0", coin: "0" },
    subscription: null,
    ...given,
  };
}
