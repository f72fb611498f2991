/** `npm run test:mutants -- contracts|server`: seeds faults into the code; the tests must catch each. */
import process from "node:process";
import { mutateContracts } from "../../contracts/mutants/mutate-contracts.ts";
import { mutateServer } from "./server.ts";

const SETS: Record<string, (words: readonly string[]) => Promise<boolean>> = {
  contracts: mutateContracts,
  server: mutateServer,
};

const [name = "", ...words] = process.argv.slice(2);
const run = SETS[name];
if (!run) {
  console.error(`Missing set: npm run test:mutants -- ${Object.keys(SETS).join("|")}`);
  process.exit(2);
}
process.exit((await run(words)) ? 0 : 1);
