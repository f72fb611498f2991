/** Runs a slice of `npm run attack -- --campaign`; in the long tests, checks that it notices a missing protection. */
import process from "node:process";
import { expect, test } from "vitest";
import { wageCampaign } from "./campaign.ts";
import { faultsOf } from "./report.ts";
import { PROTECTIONS } from "./server-messages.ts";

/** A campaign that lost fewer leases than this tested too little. */
const LOSSES_MIN = 15;

test("150 questions each end once with their own answer while machines, connections, database and server fail", async () => {
  const report = await wageCampaign({ seed: 7, jobs: 150, restarts: 1, databaseFaults: 1 });
  expect(faultsOf(report)).toEqual([]);
  expect(report.asked).toBe(150);
  expect([...report.losses.values()].reduce((sum, times) => sum + times, 0)).toBeGreaterThan(LOSSES_MIN);
}, 240_000);

test.runIf(process.env.LONG_TESTS === "1").each(PROTECTIONS)(
  "a campaign without the protection %s reports faults",
  async (protection) => {
    const report = await wageCampaign({ seed: 7, jobs: 150, restarts: 0, databaseFaults: 0, without: [protection] });
    expect(faultsOf(report)).not.toEqual([]);
  },
  // Questions lost without the protection are waited for until the person gives up.
  900_000,
);
