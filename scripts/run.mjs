#!/usr/bin/env node
// `npm run worker|server|bot|…`: installs what is missing, then becomes that program. In this very process, so that Ctrl-C,
// exit codes and the terminal are the program's own. Plain JavaScript, no dependency before the installation.
import { existsSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { installDependencies } from "./install-dependencies.mjs";
import { USAGE } from "./usage.mjs";

/** `answersHelp`: the program has a longer help of its own, which is used if it can run already. */
const PROGRAMS = {
  worker: { file: "worker/src/main.ts", answersHelp: true },
  server: { file: "server/src/main.ts" },
  bot: { file: "bot/src/main.ts" },
  chain: { file: "sandbox/src/ton/main.ts" },
  deploy: { file: "contracts/scripts/deploy.ts", answersHelp: true },
  ton: { file: "contracts/cli/main.ts", answersHelp: true },
  key: { file: "server/src/key.ts", answersHelp: true },
  operator: { file: "server/src/operator.ts", answersHelp: true },
  "ledger:verify": { file: "server/src/ledger-verify.ts" },
  "verify-receipt": { file: "server/src/verify-receipt.ts", answersHelp: true },
  "verify-epoch": { file: "contracts/offchain/verify-epoch.ts" },
  plan: { file: "server/src/plan.ts", answersHelp: true },
  eval: { file: "bench/eval/main.ts" },
  bench: { file: "bench/main.ts" },
  shots: { file: "bench/shots.ts" },
  attack: { file: "sandbox/attack/main.ts" },
  "test:mutants": { file: "scripts/mutants/main.ts" },
};

const [name = "", ...words] = process.argv.slice(2);
const program = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : null;
if (!program) {
  process.stderr.write(`There is no program "${name}"; there are ${Object.keys(PROGRAMS).join(", ")}.\n`);
  process.exit(2);
}
const root = path.resolve(import.meta.dirname, "..");
const wantsHelp = words.includes("--help") || words.includes("-h");
if (wantsHelp && !(program.answersHelp && existsSync(path.join(root, "node_modules/.starai-installed")))) {
  process.stdout.write(`${USAGE[name]}\n`);
  process.exit(0);
}
await installDependencies(root);
// What `node --import tsx <file>` would have done.
const file = path.join(root, program.file);
process.argv.splice(1, 2, file);
await import("tsx");
await import(pathToFileURL(file).href);
