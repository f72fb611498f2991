/** `npm run test:mutants -- contracts|server|ledger|prices`: seeds faults into the code; the tests must catch each. */
import process from "node:process";
import { mutateContracts } from "../../contracts/mutants/mutate-contracts.ts";
import { mutateSources } from "./mutate-sources.ts";

const SETS: Record<string, (words: readonly string[]) => Promise<boolean>> = {
  contracts: mutateContracts,
  server: (words) => mutateSources("server", words),
  ledger: (words) => mutateSources("ledger", words),
  prices: (words) => mutateSources("prices", words),
};

const [name = "", ...words] = process.argv.slice(2);
const run = SETS[name];
if (!run) {
  console.error(`Missing set: npm run test:mutants -- ${Object.keys(SETS).join("|")}`);
  process.exit(2);
}
process.exit((await run(words)) ? 0 : 1);
