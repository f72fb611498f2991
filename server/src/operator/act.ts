/**
 * An operator's act: what it changes and its row, with who did it and why, are one transaction. Acts happen one after
 * another, so that each sees what the last one left.
 */
import { parseArgs } from "node:util";
import type { PoolClient } from "pg";
import { moneyTransaction } from "../billing/money-transaction.ts";
import type { Executor } from "../db/executor.ts";
import { operatorActs } from "../db/schema.ts";
import type { OperatorContext } from "./command.ts";

const WHY_CHARS = { min: 3, max: 300 };
const WHO_CHARS_MAX = 60;

export interface ActWords {
  readonly words: readonly string[];
  readonly who: string;
  readonly why: string;
}

export interface Acting {
  readonly db: Executor;
  readonly client: PoolClient;
}

export interface Acted {
  /** What is written down beside the verb; null: nothing was to be changed, so that there is nothing to write down. */
  readonly params: object | null;
  /** For the operator, once it is stored. */
  readonly said: string;
}

/** Does it, and returns what to say. @throws a sentence, and then nothing was changed */
export function act(
  { pg }: Pick<OperatorContext, "pg">,
  { who, why, verb }: { who: string; why: string; verb: string },
  work: (acting: Acting) => Promise<Acted>,
): Promise<string> {
  return moneyTransaction(pg, async ({ client, tx: db }) => {
    await client.query("lock table operator_acts in share row exclusive mode");
    const { params, said } = await work({ db, client });
    if (params !== null) await db.insert(operatorActs).values({ who, why, verb, params });
    return said;
  });
}

/** Takes --why and --who off the words. @throws a sentence that says what is missing */
export function readActWords(words: readonly string[], user: string | undefined): ActWords {
  const { values, positionals } = parse(words);
  const why = oneLine(values.why ?? "");
  if (why === null || why.length < WHY_CHARS.min || why.length > WHY_CHARS.max)
    throw new Error(
      `Say why, in one line of ${WHY_CHARS.min} to ${WHY_CHARS.max} characters: --why "prices of November". Nothing was changed.`,
    );
  const who = oneLine(values.who ?? user ?? "");
  if (who === null || who === "" || who.length > WHO_CHARS_MAX)
    throw new Error(
      `Say who you are, in one line of at most ${WHO_CHARS_MAX} characters: --who anna. Nothing was changed.`,
    );
  return { words: positionals, who, why };
}

function parse(words: readonly string[]) {
  const options = { why: { type: "string" }, who: { type: "string" } } as const;
  try {
    return parseArgs({ args: [...words], allowPositionals: true, options });
  } catch {
    throw new Error('The only options are --why "…" and --who NAME, each with its text. Nothing was changed.');
  }
}

/** Trimmed; null where it would steer a terminal or fill a page. */
function oneLine(text: string): string | null {
  return /\p{C}/u.test(text) ? null : text.trim().replaceAll(/\s+/g, " ");
}
