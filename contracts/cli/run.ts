/** Finds the command of a command line and runs it. */
import { openCliContext } from "./cli-context.ts";
import { usageOf } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { helpOf } from "./help.ts";
import { readSettings } from "./settings.ts";

/** Runs one command line and prints the result line by line. @throws with a sentence that says what to do next. */
export async function run(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  say: (line: string) => void,
): Promise<void> {
  const { command: name, args, settings } = readSettings(words, env);
  if (name === "help") return say(helpOf(COMMANDS));
  const command = COMMANDS.find((known) => known.name === name);
  if (!command) throw new Error(`There is no command "${name.slice(0, 40)}".\n\n${helpOf(COMMANDS)}`);
  if (args.length !== (command.takes?.length ?? 0)) throw new Error(`Type it as: npm run ton -- ${usageOf(command)}`);
  await command.run(await openCliContext(settings, say), args);
}
