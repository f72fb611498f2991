/**
 * `npm run attack`: hostile workers, users and networks against a real server on this machine, and what became of the
 * people who asked meanwhile. All traffic stays on loopback, and everything stops by itself.
 */
import { parseArgs } from "node:util";
import { WORKER_ATTACKS } from "./behaviours.ts";
import { Lab } from "./lab.ts";
import { beside, wage } from "./wage.ts";
import type { Attack, Outcome } from "./wage.ts";
import { rowOf, TABLE_HEAD } from "./report.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string" }, seed: { type: "string" }, only: { type: "string" }, people: { type: "string" } },
});
const seed = Number(values.seed ?? 1);
const attacks: Attack[] = WORKER_ATTACKS.map((attack) => beside(attack, 1)).filter(
  ({ name }) => values.only === undefined || name.includes(values.only),
);

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
