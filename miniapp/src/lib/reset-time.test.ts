import { afterEach, expect, test } from "vitest";
import { resetTime } from "./reset-time.ts";

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const midnight = new Date("2026-11-30T00:00:00Z");

test("a new day by UTC is told in the person's own time too, and once where both are the same", () => {
  process.env.TZ = "Europe/Moscow";
  expect(resetTime(midnight, "ru")).toBe("03:00 (00:00 UTC)");
  process.env.TZ = "America/Los_Angeles";
  expect(resetTime(midnight, "en")).toBe("16:00 (00:00 UTC)");
  process.env.TZ = "UTC";
  expect(resetTime(midnight, "en")).toBe("00:00 UTC");
});
