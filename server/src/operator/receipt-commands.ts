/** An operator's commands about the keys of receipts. */
import { parseArgs } from "node:util";
import { and, isNull, sql } from "drizzle-orm";
import { operatorActs, receiptKeys } from "../db/schema.ts";
import type { OperatorCommand, OperatorContext, Say } from "./command.ts";
import { minute } from "./shown.ts";

const WHY_CHARS_MAX = 200;
const HOW = 'npm run operator -- receipts keys, or: receipts rotate --why "the disk was sold"';

export const receiptCommands = {
  receipts: { args: 'keys | rotate --why "…"', summary: "the keys that receipts are signed with", run: receipts },
} satisfies Record<string, OperatorCommand>;

async function receipts(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const { verb, why } = readWords(words);
  if (verb === "keys" && why === undefined) return listKeys(ctx, say);
  if (verb !== "rotate") throw new Error(HOW);
  if (why === undefined || why === "") throw new Error(`Say why, for whoever asks later: ${HOW}`);
  return rotate(ctx, why, say);
}

function readWords(words: readonly string[]): { verb: string | undefined; why: string | undefined } {
  try {
    const options = { why: { type: "string" } } as const;
    const { positionals, values } = parseArgs({ args: [...words], allowPositionals: true, options });
    if (positionals.length <= 1) return { verb: positionals[0], why: values.why?.trim().slice(0, WHY_CHARS_MAX) };
  } catch {
    // Said below.
  }
  throw new Error(HOW);
}

async function listKeys({ db }: OperatorContext, say: Say): Promise<void> {
  const keys = await db.select().from(receiptKeys).orderBy(receiptKeys.createdAt);
  if (keys.length === 0) return say("There is no key yet: the server makes one when it starts.");
  for (const { id, createdAt, replaceAskedAt, retiredAt } of keys) {
    const state = retiredAt ? `retired ${minute(retiredAt)}` : replaceAskedAt ? "until the next start" : "in use";
    say(`${id}  made ${minute(createdAt)}  ${state}`);
  }
}

/** The key in use stays in use until then, so that no receipt is ever of a time after its key's end. */
async function rotate({ db }: OperatorContext, why: string, say: Say): Promise<void> {
  const replaced = await db.transaction(async (tx) => {
    const keys = await tx
      .update(receiptKeys)
      .set({ replaceAskedAt: sql`now()` })
      .where(and(isNull(receiptKeys.retiredAt), isNull(receiptKeys.replaceAskedAt)))
      .returning({ id: receiptKeys.id });
    if (keys.length === 0) return keys;
    await tx.insert(operatorActs).values({ who: "operator", why, verb: "receipts rotate", params: { keys } });
    return keys;
  });
  if (replaced.length === 0)
    throw new Error("No key is in use that was not to be replaced already: `receipts keys` lists them.");
  say(`The key ${replaced.map(({ id }) => id).join(", ")} is replaced when the server next starts: restart it.`);
  say("It then stays published: what it signed stays valid. With STARAI_RECEIPT_KEY, set a new one there first.");
}
