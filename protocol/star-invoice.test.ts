import { expect, test } from "vitest";
import { STAR_PACKS, SUBSCRIPTION } from "./money.ts";
import { starInvoice } from "./star-invoice.ts";
import { LANGUAGES, translator } from "./texts.ts";

test("an invoice fits into Telegram's limits in every language, and says that it cannot be withdrawn", () => {
  const id = "00000000-0000-4000-8000-000000000000";
  const orders = [
    ...STAR_PACKS.map((stars) => ({ id, kind: "pack" as const, stars })),
    { id, kind: "subscription" as const, stars: SUBSCRIPTION.stars },
  ];
  for (const language of LANGUAGES)
    for (const order of orders) {
      const { title, description, payload, prices, periodS } = starInvoice(translator(language), order);
      expect(title).toContain(String(order.stars));
      expect(title.length).toBeLessThanOrEqual(32);
      expect(description.length).toBeLessThanOrEqual(255);
      expect(description).toMatch(language === "en" ? /cannot be withdrawn/ : /вывести его .* нельзя/);
      expect(payload).toBe(id);
      expect(prices).toEqual([{ label: expect.stringMatching(/./), amount: order.stars }]);
      expect(periodS).toBe(order.kind === "subscription" ? 2_592_000 : null);
    }
});
