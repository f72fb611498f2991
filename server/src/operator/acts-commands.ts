/** What operators did to money. */
import { desc } from "drizzle-orm";
import { operatorActs } from "../db/schema.ts";
import type { OperatorCommand, OperatorContext, Say } from "./command.ts";
import { needMoney } from "./need-money.ts";
import { minute } from "./shown.ts";

const SHOWN = { default: 20, max: 1_000 };

export const actsCommands = needMoney({
  acts: { args: "[N]", summary: "the last acts about money: who did what, and why", run: listActs },
} satisfies Record<string, OperatorCommand>);

async function listActs({ db }: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const [word, ...more] = words;
  const count = word === undefined ? SHOWN.default : Number(word);
  if (more.length > 0 || !Number.isInteger(count) || count < 1 || count > SHOWN.max)
    throw new Error(`\`acts\` takes a number of acts from 1 to ${SHOWN.max}, or nothing.`);
  const acts = await db.select().from(operatorActs).orderBy(desc(operatorActs.id)).limit(count);
  if (acts.length === 0) return say("Nobody did anything about money yet.");
  for (const { id, at, who, verb, params, why } of acts)
    say(`${String(id).padStart(5)}  ${minute(at)}  ${who}: ${verb} ${JSON.stringify(params)}\n       because: ${why}`);
}
