/** `npm run ledger:verify`: the entry. Its only reader of the environment. */
import { databaseOf, sentenceOf } from "./db/visit-settings.ts";
import { visitDatabase } from "./db/visit-database.ts";
import { VERIFY_HELP, verifyCommand } from "./ledger/verify-command.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);

try {
  await visitDatabase(databaseOf(process.env, VERIFY_HELP), async ({ pg }) => {
    if (!(await verifyCommand(pg, process.argv.slice(2), say))) process.exitCode = 1;
  });
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exitCode = 1;
}
