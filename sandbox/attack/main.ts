/**
 * `npm run attack`: runs hostile workers, users and networks against a real server on this machine and reports what
 * happened to the people who asked meanwhile. All traffic stays on loopback, and every loop is bounded.
 */
import { writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { WORKER_ATTACKS } from "./behaviours.ts";
import { wageCampaign } from "./campaign.ts";
import { NETWORK_ATTACKS } from "./hostile-network.ts";
import { USER_ATTACKS } from "./hostile-user.ts";
import { VISITOR_ATTACKS } from "./hostile-visitor.ts";
import { Lab } from "./lab.ts";
import { campaignLines, faultsOf, rowOf, TABLE_HEAD } from "./report.ts";
import { PROTECTIONS } from "./server-messages.ts";
import { beside, wage } from "./wage.ts";
import type { Attack, Outcome } from "./wage.ts";

const USAGE = `npm run attack -- [--minutes N] [--seed N] [--people N] [--only <name>]
npm run attack -- --campaign [--jobs N] [--database N] [--seed N] [--without ${PROTECTIONS.join("|")}]`;

/** Most strangers beside the one honest machine. */
const STRANGERS_MAX = 6;
const CROWD = 200;
const CROWD_LIMITS = { workersPerAddressMax: 300, workersPerNetworkMax: 300 };
const RESULTS = path.resolve(import.meta.dirname, "../../bench/results/attack.md");

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    people: { type: "string", default: "8" },
    only: { type: "string" },
    campaign: { type: "boolean", default: false },
    jobs: { type: "string", default: "5000" },
    database: { type: "string", default: "3" },
    without: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const until = performance.now() + Number(values.minutes) * 60_000;
const isLong = Number(values.minutes) > 0;

if (values.help) console.log(USAGE);
else process.exitCode = (await (values.campaign ? campaign() : attacks())) ? 0 : 1;

async function campaign(): Promise<boolean> {
  const without = PROTECTIONS.filter((protection) => protection === values.without);
  const databaseFaults = Number(values.database);
  const report = await wageCampaign({ seed, jobs: Number(values.jobs), restarts: 2, databaseFaults, without });
  console.log(campaignLines(report).join("\n"));
  return faultsOf(report).length === 0;
}

/** Runs each attack once; with `--minutes` also the long ones, then more strangers and new seeds until time is up. */
async function attacks(): Promise<boolean> {
  console.log(TABLE_HEAD);
  const outcomes: Outcome[] = [];
  const all = [
    ...WORKER_ATTACKS.map((attack) => beside(attack, 1)),
    ...USER_ATTACKS,
    ...VISITOR_ATTACKS,
    ...NETWORK_ATTACKS,
  ];
  await wageAll(all, seed, outcomes);
  for (let more = 1; performance.now() < until; more++) {
    const count = 1 + (more % STRANGERS_MAX);
    await wageAll(
      WORKER_ATTACKS.map((attack) => beside(attack, count)),
      seed + more,
      outcomes,
    );
    if (more === 1) await wageAll(crowds(), seed, outcomes, CROWD_LIMITS);
  }
  if (values.only === undefined) await writeFile(RESULTS, markdown(outcomes));
  return outcomes.every(({ held }) => held !== "no");
}

function crowds(): Attack[] {
  const names = ["busy-for-ever", "fastest-that-crashes", "poisoned-prefix"];
  return WORKER_ATTACKS.filter(({ name }) => names.includes(name)).map((attack) => beside(attack, CROWD));
}

async function wageAll(all: readonly Attack[], seed: number, outcomes: Outcome[], limits = {}): Promise<void> {
  const chosen = all.filter(
    ({ name, long }) => (isLong || !long) && (values.only === undefined || name.includes(values.only)),
  );
  if (chosen.length === 0) return;
  await using lab = await Lab.open({ seed, people: Number(values.people), limits });
  for (const attack of chosen) {
    if (outcomes.length >= all.length && isLong && performance.now() > until) return;
    const outcome = await wage(attack, lab);
    outcomes.push(outcome);
    console.log(rowOf(outcome));
    for (const fault of outcome.faults) console.log(`    ${fault}`);
  }
}

function markdown(outcomes: readonly Outcome[]): string {
  const machine = `${os.cpus().length} cores (${os.cpus()[0]?.model.trim() ?? "unknown"}), Node ${process.versions.node}`;
  const held = outcomes.filter((outcome) => outcome.held === "yes").length;
  return [
    "# attack",
    "",
    `\`npm run attack -- --minutes ${values.minutes} --seed ${values.seed}\` on ${machine}. Shared machines are noisy: read which attacks were held, not the times.`,
    `${outcomes.length} attacks waged, ${held} held; the faults of the others are listed below the table.`,
    "",
    TABLE_HEAD,
    ...outcomes.map(rowOf),
    "",
    ...outcomes.flatMap(({ name, faults }) => faults.map((fault) => `- ${name}: ${fault.replaceAll("\n", " ")}`)),
    "",
  ].join("\n");
}
