/** `npm run key`: the entry. Its only reader of the environment. */
import { databaseOf, sentenceOf } from "./db/visit-settings.ts";
import { visitDatabase } from "./db/visit-database.ts";
import { KEY_HELP, readKeyCommand, runKeyCommand } from "./gateway/key-command.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);

try {
  const command = readKeyCommand(process.argv.slice(2));
  if (command === null) say(KEY_HELP);
  else await visitDatabase(databaseOf(process.env, KEY_HELP), (opened) => runKeyCommand(opened, command, say));
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exitCode = 1;
}
