/** `npm run operator`: the entry. Its only reader of the environment. */
import { databaseOf, sentenceOf } from "./db/visit-settings.ts";
import { visitDatabase } from "./db/visit-database.ts";
import { secondTonClientOf, tonClientOf } from "./operator/ton-settings.ts";
import { telegramOf } from "./operator/telegram-settings.ts";
import { OPERATOR_HELP, readOperatorCommand } from "./operator/operator-command.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);

try {
  const asked = readOperatorCommand(process.argv.slice(2));
  if (asked === null) say(OPERATOR_HELP);
  else {
    const telegram = telegramOf(process.env);
    const ton = { tonClient: tonClientOf(process.env), secondTonClient: secondTonClientOf(process.env) };
    await visitDatabase(databaseOf(process.env, OPERATOR_HELP), (opened) =>
      asked.command.run(
        { ...opened, telegram, ...ton, user: process.env.USER ?? process.env.USERNAME },
        asked.words,
        say,
      ),
    );
  }
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exitCode = 1;
}
