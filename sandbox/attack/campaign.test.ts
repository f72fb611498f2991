/** A slice of `npm run attack -- --campaign`, and that it would notice a protection that is not there. */
import { expect, test } from "vitest";
import { wageCampaign } from "./campaign.ts";
import { faultsOf } from "./report.ts";

test("of 200 questions asked while machines, wires and the server fail, each ends once with its own words", async () => {
  const report = await wageCampaign({ seed: 7, jobs: 200, restarts: 1, databaseFaults: 1 });
  expect(faultsOf(report)).toEqual([]);
  expect(report.asked).toBe(200);
  // A campaign without losses would be a calm day.
  expect([...report.losses.values()].reduce((sum, times) => sum + times, 0)).toBeGreaterThan(20);
}, 180_000);

test("without the fence a campaign is noticed to go wrong", async () => {
  const report = await wageCampaign({ seed: 7, jobs: 120, restarts: 0, databaseFaults: 0, without: ["fence"] });
  expect(faultsOf(report)).not.toEqual([]);
}, 180_000);
