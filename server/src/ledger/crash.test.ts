/** What the ledger acknowledged is there once, whoever is killed when. `npm run test:long` kills two hundred times. */
import { expect, test } from "vitest";
import { crashLedger } from "../testing/crash-ledger.ts";

const isLong = process.env["LONG_TESTS"] === "1";
const KILLS = isLong ? 200 : 5;

test(
  `${KILLS} times the server or PostgreSQL is killed: nothing acknowledged is lost and nothing happens twice`,
  async () => {
    const report = await crashLedger({ kills: KILLS, random: Math.random });
    if (isLong) console.log(report);
    expect(report).toMatchObject({ lost: 0, doubled: 0, astray: 0n, refused: 0, findings: [] });
    expect(report.kills.server + report.kills.database).toBe(KILLS);
    expect(report.acknowledged).toBeGreaterThan(KILLS);
  },
  isLong ? 1_800_000 : 180_000,
);

// Whether three kills hit a write is chance: this control belongs to the long run.
test.runIf(isLong)("it would be noticed if operations were acknowledged before they are on the disk", async () => {
  const report = await crashLedger({ kills: 3, random: Math.random, without: "commit to the disk" });
  expect(report.lost).toBeGreaterThan(0);
});

// A killed server leaves two dozen answers between their steps, so that two kills are enough for this one.
test("it would be noticed if operations were retried under other keys", async () => {
  const report = await crashLedger({ kills: isLong ? 6 : 2, random: Math.random, without: "retry under the same key" });
  expect(report.doubled).toBeGreaterThan(0);
  expect(report.astray).toBeGreaterThan(0n);
}, 180_000);
