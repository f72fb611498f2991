/**
 * `npm run operator -- COMMAND`: a table of commands, each with its own words. A further command is one more entry; its
 * name may be of two words.
 */
import { actsCommands } from "./acts-commands.ts";
import { appealCommands } from "./appeal-commands.ts";
import { chainCommands } from "./chain-commands.ts";
import type { OperatorCommand } from "./command.ts";
import { creditCommands } from "./credit-commands.ts";
import { epochCommands } from "./epoch-commands.ts";
import { floatCommands } from "./float-commands.ts";
import { houseCommands } from "./house-commands.ts";
import { payoutCommands } from "./payout-commands.ts";
import { priceCommands } from "./price-commands.ts";
import { rateCommands } from "./rate-commands.ts";
import { receiptCommands } from "./receipt-commands.ts";
import { reportCommands } from "./report-commands.ts";
import { settleCommands } from "./settle-commands.ts";
import { slashCommands } from "./slash-commands.ts";
import { starsCommands } from "./stars-commands.ts";
import { voucherCommands } from "./voucher-commands.ts";
import { workerCommands } from "./worker-commands.ts";

const COMMANDS: ReadonlyMap<string, OperatorCommand> = new Map<string, OperatorCommand>(
  Object.entries({
    ...workerCommands,
    ...reportCommands,
    ...priceCommands,
    ...rateCommands,
    ...houseCommands,
    ...creditCommands,
    ...floatCommands,
    ...starsCommands,
    ...chainCommands,
    ...payoutCommands,
    ...settleCommands,
    ...epochCommands,
    ...slashCommands,
    ...appealCommands,
    ...receiptCommands,
    ...voucherCommands,
    ...actsCommands,
  }),
);
/** Width of the longest command with its arguments, so that the summaries are in one column. */
const COLUMN = 56;

export const OPERATOR_HELP = `npm run operator -- COMMAND: what an operator sees and decides.

${[...COMMANDS].map(([name, { args, summary }]) => `  ${`${name} ${args}`.padEnd(COLUMN)}  ${summary}`).join("\n")}

WORKER is a worker's key, its first 8 characters or more, or a name that only one worker has.
WALLET is an address, raw or as wallets show it; REASON is one line that its owner reads.
PERSON is a Telegram id, or the id that receipts and reports name a person by.
MODEL is a model's id, or a size such as 2.5B for all models up to it that have no price of their own.
P/C/A are the prices of a million prompt, cached and answer tokens: 0.015/0.004/0.06.
WHY stands for --why "…": what changes something is written down with who did it and why. --who NAME says who; without
it the system's name for you counts.
A running server obeys within 5 seconds; a decision stays until it is taken back, also over restarts.

The database is the server's: set DATABASE_URL as for \`npm run server\`, or STARAI_HOME, the data folder
(\`npm start\` prints its own behind "Data"). The server may run meanwhile.`;

export interface AskedCommand {
  readonly command: OperatorCommand;
  readonly words: readonly string[];
}

/** Null asks for the help. Throws a sentence where there is no such command. */
export function readOperatorCommand(words: readonly string[]): AskedCommand | null {
  const [name, second] = words;
  if (name === undefined || name === "help" || words.some((word) => word === "--help" || word === "-h")) return null;
  const ofTwo = COMMANDS.get(`${name} ${second}`);
  if (ofTwo !== undefined) return { command: ofTwo, words: words.slice(2) };
  const command = COMMANDS.get(name);
  if (command === undefined) throw new Error(`There is no command "${name.slice(0, 40)}".\n\n${OPERATOR_HELP}`);
  return { command, words: words.slice(1) };
}
