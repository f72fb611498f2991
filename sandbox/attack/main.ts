/**
 * `npm run attack`: hostile workers, users and networks against a real server on this machine, and what became of the
 * people who asked meanwhile. All traffic stays on loopback, and everything stops by itself.
 */
import { parseArgs } from "node:util";
import { WORKER_ATTACKS } from "./behaviours.ts";
import { NETWORK_ATTACKS } from "./hostile-network.ts";
import { USER_ATTACKS } from "./hostile-user.ts";
import { Lab } from "./lab.ts";
import { beside, wage } from "./wage.ts";
import type { Attack, Outcome } from "./wage.ts";
import { wageCampaign } from "./campaign.ts";
import { PROTECTIONS } from "./server-messages.ts";
import { campaignLines, faultsOf, rowOf, TABLE_HEAD } from "./report.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string" }, seed: { type: "string" }, only: { type: "string" }, people: { type: "string" },
    campaign: { type: "boolean" },
    jobs: { type: "string" },
    without: { type: "string" },
    database: { type: "string" },
  },
});
const seed = Number(values.seed ?? 1);
const attacks: Attack[] = [
  ...WORKER_ATTACKS.map((attack) => beside(attack, 1)),
  ...USER_ATTACKS,
  ...NETWORK_ATTACKS,
].filter(({ name }) => values.only === undefined || new RegExp(values.only).test(name));

if (values.campaign) {
  const without = PROTECTIONS.filter((protection) => protection === values.without);
  const report = await wageCampaign({ seed, jobs: Number(values.jobs ?? 5_000), restarts: 2, databaseFaults: Number(values.database ?? 3), without });
  console.log(campaignLines(report).join("\n"));
  process.exit(faultsOf(report).length === 0 ? 0 : 1);
}
await using lab = await Lab.open({ seed, people: Number(values.people ?? 12) });
console.log(TABLE_HEAD);
const outcomes: Outcome[] = [];
for (const attack of attacks) {
  const outcome = await wage(attack, lab);
  outcomes.push(outcome);
  console.log(rowOf(outcome));
  for (const fault of outcome.faults) console.log(`    ${fault}`);
}
process.exitCode = outcomes.some(({ held }) => held === "no") ? 1 : 0;
