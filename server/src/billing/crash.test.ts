/** A request that was answered was paid once, and its worker has a note of it, whoever is killed when. `npm run test:long` kills fifty times. */
import { expect, test } from "vitest";
import { crashBilling } from "../testing/crash-billing.ts";

const isLong = process.env["LONG_TESTS"] === "1";
const KILLS = isLong ? 50 : 2;

test(
  `${KILLS} times the server or PostgreSQL is killed under paid requests: each answered one was paid once and noted to its worker, and nothing is left open`,
  async () => {
    const report = await crashBilling({ kills: KILLS, random: Math.random });
    if (isLong) console.log(report);
    expect(report).toMatchObject({ unpaid: 0, doubled: 0, astray: 0n, unnoted: 0, left: 0, findings: [] });
    expect(report.kills.server + report.kills.database).toBe(KILLS);
    expect(report.answered).toBeGreaterThan(KILLS);
  },
  isLong ? 1_800_000 : 180_000,
);
