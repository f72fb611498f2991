/** `npm run bench -- <name>`: prints one benchmark's table and writes it to bench/results/<name>.md. */
import { mkdir, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { measureAnswers } from "./answer.ts";
import { measureChain } from "./chain.ts";
import { measureChainMoney } from "./chainmoney.ts";
import { measureConnect } from "./connect.ts";
import { measureDispatch } from "./dispatch.ts";
import { measureEngines } from "./engines.ts";
import { measureEpoch } from "./epoch.ts";
import { measureFailover } from "./failover.ts";
import { measureJoin } from "./join.ts";
import { measureLedger } from "./ledger.ts";
import { measureMemory } from "./memory.ts";
import { measureManners } from "./manners.ts";
import { measureMarket } from "./market.ts";
import { measureMiniapp } from "./miniapp.ts";
import { measureMerkle } from "./merkle.ts";
import { measurePlanner } from "./planner.ts";
import { measurePool } from "./pool.ts";
import { measureSplit } from "./split.ts";
import { measureVoucher } from "./voucher.ts";

/** Each gets the words after its name. */
const BENCHMARKS: Record<string, (words: readonly string[]) => Promise<string[]>> = {
  answer: measureAnswers,
  chain: measureChain,
  chainmoney: measureChainMoney,
  connect: measureConnect,
  dispatch: measureDispatch,
  engines: measureEngines,
  epoch: measureEpoch,
  failover: measureFailover,
  join: measureJoin,
  ledger: measureLedger,
  manners: measureManners,
  market: measureMarket,
  miniapp: measureMiniapp,
  memory: measureMemory,
  merkle: measureMerkle,
  planner: measurePlanner,
  pool: measurePool,
  split: measureSplit,
  voucher: measureVoucher,
};

const name = process.argv[2] ?? "";
const benchmark = BENCHMARKS[name];
if (!benchmark) {
  console.error(`Missing benchmark name: npm run bench -- ${Object.keys(BENCHMARKS).join(" | ")}`);
  process.exit(2);
}
const machine = `${os.cpus().length} cores (${os.cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(os.totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
const lines = [
  `# ${name}`,
  "",
  `Machine: ${machine}. Medians; shared machines are noisy, so read the ratios.`,
  "",
  ...(await benchmark(process.argv.slice(3))),
  "",
];
const folder = path.join(import.meta.dirname, "results");
await mkdir(folder, { recursive: true });
await writeFile(path.join(folder, `${name}.md`), lines.join("\n"));
console.log(lines.join("\n"));
