import * as fc from "fast-check";
import { CAP_BOUNDS } from "@starai/protocol/money";
import { describe, expect, test } from "vitest";
import { dollarsText, dollarsTyped, readDollars } from "./dollars.ts";

const anyBounds = { min: 0, max: 2_000_000_000 };
const read = (text: string) => readDollars(text, CAP_BOUNDS.day, "en");

describe("a limit in dollars", () => {
  test("is shown to its last digit, with the marks of its language", () => {
    expect(dollarsText(20_000, "en")).toBe("$0.02");
    expect(dollarsText(1_250_500_000, "en")).toBe("$1,250.5");
    expect(dollarsText(1_250_500_000, "ru")).toBe("$1\u00A0250,5");
    expect(dollarsTyped(1_250_500_000, "en")).toBe("1250.5");
  });

  test.each([
    ["0.02", 20_000],
    ["$5", 5_000_000],
    [" 0,5 ", 500_000],
    [".25", 250_000],
    ["0,125", 125_000],
    ["1,000", 1_000_000_000],
    ["1 000", 1_000_000_000],
    ["1,000.00", 1_000_000_000],
  ])("is read from %j", (text, microUsd) => {
    expect(read(text)).toEqual({ microUsd });
  });

  test.each([
    ["", "unreadable"],
    ["a lot", "unreadable"],
    ["-1", "unreadable"],
    ["1e3", "unreadable"],
    ["1.2.3", "unreadable"],
    ["0.0000001", "unreadable"],
    ["1,00,000", "unreadable"],
    ["∞", "unreadable"],
    ["0", "too_small"],
    ["0.009", "too_small"],
    ["1000.01", "too_large"],
    ["999999999", "too_large"],
  ])("cannot be read from %j: %s", (text, fault) => {
    expect(read(text)).toEqual({ fault });
  });

  test("has a comma between its thousands in English, and before its cents in Russian", () => {
    expect(readDollars("1,250", anyBounds, "en")).toEqual({ microUsd: 1_250_000_000 });
    expect(readDollars("1,250", anyBounds, "ru")).toEqual({ microUsd: 1_250_000 });
    expect(readDollars("1,250.5", anyBounds, "ru")).toEqual({ fault: "unreadable" });
  });

  test("is read back from what is shown of it, in both languages", () => {
    fc.assert(
      fc.property(fc.integer(anyBounds), fc.constantFrom("en" as const, "ru" as const), (microUsd, language) => {
        expect(readDollars(dollarsTyped(microUsd, language), anyBounds, language)).toEqual({ microUsd });
      }),
    );
  });

  test("is never out of its bounds, whatever is typed", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\d.,$ ]{0,14}$/), (text) => {
        const result = read(text);
        const { min, max } = CAP_BOUNDS.day;
        const within = (value: number) => Number.isInteger(value) && value >= min && value <= max;
        expect("fault" in result || within(result.microUsd)).toBe(true);
      }),
    );
  });
});
