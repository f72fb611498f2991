import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { gasTable } from "../gas/gas-row.ts";
import type { GasRow } from "../gas/gas-row.ts";
import { measureAll } from "../gas/measure-all.ts";
import { measurePayouts, payoutTable } from "../gas/push-or-claim.ts";

const readme = readFileSync(path.resolve(import.meta.dirname, "../README.md"), "utf8");

describe("what a message costs", () => {
  let rows: GasRow[];
  beforeAll(async () => {
    rows = await measureAll();
  });

  test("stays within its limit at the prices of June 2026", () => {
    expect(rows.length).toBeGreaterThan(10);
    for (const { contract, message, fee, feeMax } of rows)
      expect(fee, `${contract} ${message}`).toBeLessThanOrEqual(feeMax);
  });

  test("is what the README says", () => {
    expect(readme, "run npm run contracts:gas").toContain(gasTable(rows));
  });
});

test("what a payee costs by push and by claim is what the README says", async () => {
  expect(readme, "run npm run contracts:gas").toContain(payoutTable(await measurePayouts()));
});
