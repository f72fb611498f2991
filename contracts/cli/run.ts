/** The commands and the functions that run them. */
import { showAccount, stake, unbond, withdraw } from "./account.ts";
import { claim } from "./claim.ts";
import { openEscrow, topUpEscrow } from "./escrow-open.ts";
import { closeEscrowTogether } from "./escrow-together.ts";
import { closeEscrow, showEscrow, withdrawEscrow } from "./escrow.ts";
import { openCliContext } from "./cli-context.ts";
import type { CliContext } from "./cli-context.ts";
import { HELP, readSettings } from "./settings.ts";
import { showWallet } from "./wallet.ts";

const COMMANDS = new Map<string, (context: CliContext, argument: string | undefined) => Promise<void>>([
  ["wallet", showWallet],
  ["account", showAccount],
  ["stake", stake],
  ["unbond", unbond],
  ["withdraw", withdraw],
  ["claim", claim],
  ["escrow", showEscrow],
  ["escrow-open", openEscrow],
  ["escrow-top-up", topUpEscrow],
  ["escrow-close", closeEscrow],
  ["escrow-withdraw", withdrawEscrow],
  ["escrow-close-together", closeEscrowTogether],
]);

/** Runs one command line and prints the result line by line. @throws with a sentence that says what to do next. */
export async function run(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  say: (line: string) => void,
): Promise<void> {
  const { command, argument, settings } = readSettings(words, env);
  if (command === "help") return say(HELP);
  const verb = COMMANDS.get(command);
  if (!verb) throw new Error(`There is no command "${command.slice(0, 40)}".\n\n${HELP}`);
  await verb(await openCliContext(settings, say), argument);
}
