import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answersText, coinsText, exactAmount, shortAmount, shortDollars, starsText } from "./amounts.ts";
import type { AmountStyle } from "./amounts.ts";
import { translator } from "./texts.ts";

const en = translator("en");
const ru = translator("ru");
const down = { language: "en", round: "down" } as const;
const up = { language: "en", round: "up" } as const;
const anyNano = fc.bigInt({ min: 0n, max: 10n ** 19n });

function numberOf(text: string): number {
  return Number(text.replaceAll(",", ""));
}

function dollars(nano: bigint, style: AmountStyle): string {
  return shortDollars({ nano, microUsdPerCoin: 1_700_000n }, style);
}

function english(balance: bigint, answer = 41_203n): string | null {
  return answersText(en, { balance, answer, language: "en" });
}

describe("a short amount", () => {
  test.each([
    [0n, "0"],
    [1n, "0.000000001"],
    [41_203n, "0.000041"],
    [100_000n, "0.0001"],
    [1_700_000_000n, "1.7"],
    [12_345_000_000n, "12"],
    [24_000_500_000_000n, "24,000"],
  ])("of %s nano units is %s", (nano, text) => {
    expect(shortAmount(nano, down)).toBe(text);
  });

  test("shows no more than there is, and no less than something costs", () => {
    expect([shortAmount(999_999_999n, down), shortAmount(999_999_999n, up)]).toEqual(["0.99", "1"]);
    expect([shortAmount(41_203n, down), shortAmount(41_203n, up)]).toEqual(["0.000041", "0.000042"]);
    expect(shortAmount(41_000n, up)).toBe("0.000041");
  });

  test("has the marks of its language, and a minus for what somebody owes", () => {
    expect(shortAmount(41_203n, { ...down, language: "ru" })).toBe("0,000041");
    expect(shortAmount(24_000_000_000_000n, { ...down, language: "ru" })).toBe("24\u00A0000");
    expect(shortAmount(-41_203n, up)).toBe("−0.000042");
  });

  test("is within a tenth of the true amount, on the right side of it", () => {
    fc.assert(
      fc.property(anyNano, (nano) => {
        const exact = Number(exactAmount(nano));
        const [low, high] = [numberOf(shortAmount(nano, down)), numberOf(shortAmount(nano, up))];
        expect(low).toBeLessThanOrEqual(exact);
        expect(high).toBeGreaterThanOrEqual(exact);
        expect(low).toBeGreaterThanOrEqual(exact * 0.9);
        expect(high).toBeLessThanOrEqual(exact * 1.1 + 1e-18);
      }),
    );
  });

  test("never has more than two significant digits after the decimal mark", () => {
    fc.assert(
      fc.property(anyNano, (nano) => {
        const [, fraction = ""] = shortAmount(nano, down).split(".");
        expect(fraction.replace(/^0+/, "").length).toBeLessThanOrEqual(2);
      }),
    );
  });
});

describe("an exact amount", () => {
  test.each([
    [0n, "0"],
    [41_203n, "0.000041203"],
    [-1n, "-0.000000001"],
    [24_000_500_000_000n, "24000.5"],
  ])("of %s nano units is %s", (nano, text) => {
    expect(exactAmount(nano)).toBe(text);
  });

  test("is the amount to the last nano unit, so that rows add up", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }), (nano) => {
        const [whole, fraction = ""] = exactAmount(nano).replace("-", "").split(".");
        const size = BigInt(whole! + fraction.padEnd(9, "0"));
        expect(exactAmount(nano).startsWith("-") ? -size : size).toBe(nano);
      }),
    );
  });
});

test("dollars are cents below one dollar, and dollars from there on", () => {
  expect(dollars(41_203n, up)).toBe("0.0071 ¢");
  expect(dollars(500_000_000n, down)).toBe("85 ¢");
  expect(dollars(5_000_000_000n, down)).toBe("$8.5");
  expect(dollars(5_000_000_000n, { language: "ru", round: "down" })).toBe("$8,5");
  expect(dollars(-5_000_000_000n, up)).toBe("−$8.5");
  expect(dollars(0n, down)).toBe("0 ¢");
});

test("coins are called as the house calls them, and Stars stand apart", () => {
  expect(coinsText(en, { nano: 41_203n, coin: "GRAM", ...down })).toBe("0.000041 GRAM");
  expect(coinsText(en, { nano: 41_203n, coin: "TEST", ...down })).toBe("0.000041 TEST");
  expect(starsText(en, { nano: 48_400_000_000n, ...down })).toBe("Stars: 48");
  expect(starsText(ru, { nano: 1_500_000_000n, language: "ru", round: "down" })).toBe("Звёзды: 1,5");
});

describe("a balance", () => {
  test("is compared with answers, rounded down to two digits, in the form that the number needs", () => {
    expect(english(1_000_000_000n)).toBe("≈ 24,000 answers");
    expect(english(41_203n)).toBe("≈ 1 answer");
    const russian = [1n, 3n, 5n, 21n, 1_234n].map((count) =>
      answersText(ru, { balance: count * 10n, answer: 10n, language: "ru" }),
    );
    expect(russian).toEqual(["≈ 1 ответ", "≈ 3 ответа", "≈ 5 ответов", "≈ 21 ответ", "≈ 1\u00A0200 ответов"]);
  });

  test("that is nothing or a debt pays for no answer", () => {
    expect(english(0n)).toBe("≈ 0 answers");
    expect(english(-5n)).toBe("≈ 0 answers");
  });

  test("cannot be compared with answers that cost nothing", () => {
    expect(english(1_000n, 0n)).toBeNull();
  });

  test("of any size has a count, which pays for no more answers than it can", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 40n }),
        fc.bigInt({ min: 1n, max: 10n ** 12n }),
        (balance, answer) => {
          const count = BigInt(english(balance, answer)!.replaceAll(/\D/g, ""));
          expect(count * answer).toBeLessThanOrEqual(balance);
        },
      ),
    );
  });
});
