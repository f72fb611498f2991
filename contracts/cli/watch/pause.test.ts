import { expect, test } from "vitest";
import { pauseMs } from "./pause.ts";

test("pauses grow while the endpoint fails, up to five minutes however long it does", () => {
  expect([0, 1, 2, 3, 4, 5, 1_000].map(pauseMs)).toEqual([15_000, 30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
});
