/** `npm run operator -- COMMAND`: a table of commands, each with its own words. A further command is one more entry. */
import type { OperatorCommand } from "./command.ts";
import { workerCommands } from "./worker-commands.ts";

const COMMANDS: ReadonlyMap<string, OperatorCommand> = new Map(Object.entries(workerCommands));
/** Width of the longest command with its arguments, so that the summaries are in one column. */
const COLUMN = 58;

export const OPERATOR_HELP = `What an operator sees and decides.

${[...COMMANDS].map(([name, { args, summary }]) => `  ${`npm run operator -- ${name} ${args}`.padEnd(COLUMN)}${summary}`).join("\n")}

WORKER is a worker's key, its first 8 characters or more, or a name that only one worker has.
A running server obeys within 5 seconds; a decision stays until it is taken back, also over restarts.

The database is the server's: set DATABASE_URL as for \`npm run server\`, or STARAI_HOME, the data folder
(\`npm start\` prints its own behind "Data"). The server may run meanwhile.`;

export interface AskedCommand {
  readonly command: OperatorCommand;
  readonly words: readonly string[];
}

/** Null asks for the help. Throws a sentence where there is no such command. */
export function readOperatorCommand(words: readonly string[]): AskedCommand | null {
  const [name, ...rest] = words;
  if (name === undefined || name === "help" || words.some((word) => word === "--help" || word === "-h")) return null;
  const command = COMMANDS.get(name);
  if (command === undefined) throw new Error(`There is no command "${name.slice(0, 40)}".\n\n${OPERATOR_HELP}`);
  return { command, words: rest };
}
