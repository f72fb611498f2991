/** A slice of `npm run attack -- --campaign`, and (long) that it notices a protection that is not there. */
import process from "node:process";
import { expect, test } from "vitest";
import { wageCampaign } from "./campaign.ts";
import { faultsOf } from "./report.ts";
import { PROTECTIONS } from "./server-messages.ts";

/** A campaign that lost fewer leases than this was a calm day. */
const LOSSES_MIN = 15;

test("of 150 questions asked while machines, wires, database and server fail, each ends once with its own words", async () => {
  const report = await wageCampaign({ seed: 7, jobs: 150, restarts: 1, databaseFaults: 1 });
  expect(faultsOf(report)).toEqual([]);
  expect(report.asked).toBe(150);
  expect([...report.losses.values()].reduce((sum, times) => sum + times, 0)).toBeGreaterThan(LOSSES_MIN);
}, 240_000);

test.runIf(process.env.LONG_TESTS === "1").each(PROTECTIONS)(
  "a campaign without %s goes wrong and is seen to",
  async (protection) => {
    const report = await wageCampaign({ seed: 7, jobs: 150, restarts: 0, databaseFaults: 0, without: [protection] });
    expect(faultsOf(report)).not.toEqual([]);
  },
  // What was lost without its protection is waited for until its asker gives up.
  900_000,
);
