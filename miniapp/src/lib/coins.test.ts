import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coinsTyped, readCoins } from "./coins.ts";

const NANO = 1_000_000_000n;
const bounds = { min: NANO / 10n, max: 1_000n * NANO };

describe("an amount of coins", () => {
  test.each([
    ["1", NANO],
    ["0.25", NANO / 4n],
    ["0,25", NANO / 4n],
    [".5", NANO / 2n],
    ["2.", 2n * NANO],
    [" 1 000 ", 1_000n * NANO],
    ["0.123456789", 123_456_789n],
  ])("is read from %j", (text, nano) => {
    expect(readCoins(text, bounds)).toEqual({ nano });
  });

  test.each([
    ["", "unreadable"],
    [".", "unreadable"],
    ["-1", "unreadable"],
    ["1e3", "unreadable"],
    ["1,000.5", "unreadable"],
    ["0.1234567891", "unreadable"],
    ["99999999999", "unreadable"],
    ["٣", "unreadable"],
    ["0", "too_small"],
    ["0.09", "too_small"],
    ["1000.000000001", "too_large"],
  ])("is not read from %j", (text, fault) => {
    expect(readCoins(text, bounds)).toEqual({ fault });
  });

  test("is read as it is typed by us, in both languages", () => {
    const any = { min: 0n, max: 10n ** 18n };
    fc.assert(
      fc.property(fc.bigInt(any), fc.constantFrom("en" as const, "ru" as const), (nano, language) => {
        expect(readCoins(coinsTyped(nano, language), any)).toEqual({ nano });
      }),
    );
  });
});
