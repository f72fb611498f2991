/**
 * Sets play money of the house aside, once, of which staked machines are paid for other people's free answers: whoever
 * joins a machine sees it earn, though nobody has paid yet.
 */
import type { AppContext } from "@starai/server/context";
import { readOperatorCommand } from "@starai/server/operator/operator-command";

/** Some hundred thousand answers of a small model. The same words again change nothing, so that every start may say them. */
const WORDS = ["promotion", "fund", "10", "--who", "sandbox", "--why", "free answers on this machine's own chain"];

export async function fundFreeAnswers(ctx: Pick<AppContext, "db" | "pg">): Promise<void> {
  const asked = readOperatorCommand(WORDS);
  await asked?.command.run(ctx, asked.words, () => undefined);
}
