/** An operator's commands for tests, over a test's database. */
import { OPERATOR_HELP, readOperatorCommand } from "../operator/operator-command.ts";
import type { OperatorContext } from "../operator/command.ts";
import type { TestDatabase } from "./database.ts";

export type TestOperator = (...words: string[]) => Promise<string>;

/** Runs commands in this process; returns a command's output, or the sentence it refuses with. */
export function operatorOver(
  { db, pg, ...others }: Pick<TestDatabase, "db" | "pg"> & Pick<OperatorContext, "tonClient" | "secondTonClient">,
  user = "anna",
): TestOperator {
  return async (...words) => {
    const said: string[] = [];
    try {
      const asked = readOperatorCommand(words);
      await asked?.command.run({ ...others, db, pg, user }, asked.words, (line) => void said.push(line));
      return asked === null ? OPERATOR_HELP : said.join("\n");
    } catch (error) {
      return `refused: ${(error as Error).message}`;
    }
  };
}
