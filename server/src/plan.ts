/** `npm run plan`: the entry. */
import { planCommand } from "./plan-command.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);

try {
  process.exitCode = (await planCommand(process.argv.slice(2), say)) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
