/** Payouts happen once, whoever is killed when. `npm run test:long` kills who pays out two hundred times. */
import { expect, test } from "vitest";
import { crashPayouts } from "../src/testing/crash-payouts.ts";

const isLong = process.env["LONG_TESTS"] === "1";
const KILLS = isLong ? 200 : 2;

test(
  `${KILLS} times who pays out is killed, every other time after its PostgreSQL, and messages come late: no payout is lost and none is paid twice`,
  async () => {
    const report = await crashPayouts({ kills: KILLS, random: Math.random });
    if (isLong) console.log(report);
    expect(report).toMatchObject({ kills: { process: KILLS, database: Math.floor(KILLS / 2) }, lost: 0, doubled: 0 });
    expect(report.asked).toBeGreaterThanOrEqual(KILLS);
  },
  isLong ? 3_600_000 : 600_000,
);

test("it would be noticed if messages were sent before they are stored", async () => {
  const report = await crashPayouts({ kills: 2, random: Math.random, without: "stored before it is sent" });
  expect(report.doubled).toBeGreaterThan(0);
}, 600_000);
