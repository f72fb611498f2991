/** Reads and changes the house's money settings for operators. */
import { isDeepStrictEqual } from "node:util";
import { eq } from "drizzle-orm";
import { DEFAULT_SETTINGS, loadSettings } from "../billing/money-settings.ts";
import type { MoneySettings } from "../billing/money-settings.ts";
import { SETTINGS } from "../billing/stored-settings.ts";
import type { SettingName, StoredValue } from "../billing/stored-settings.ts";
import type { Executor } from "../db/executor.ts";
import { moneySettings } from "../db/schema.ts";
import { act, readActWords } from "./act.ts";
import type { Acting } from "./act.ts";
import type { OperatorContext, Say } from "./command.ts";

/** As a server without settings of its own reads them. @param say  told of rows that cannot be read */
export function readSettings(db: Executor, say: Say): Promise<MoneySettings> {
  return loadSettings(db, DEFAULT_SETTINGS, (name, why) =>
    say(`The stored setting ${name} cannot be read, so its default counts: ${why}`),
  );
}

/** What one word of a command sets. */
export interface Setting<Name extends SettingName = SettingName> {
  readonly name: Name;
  readonly value: StoredValue<Name>;
  /** What is true now, as a sentence. */
  readonly said: string;
}

/** Stores one setting as an act. @param read  from the command's words without --why and --who, and the settings now */
export async function changeSetting(
  ctx: OperatorContext,
  { verb, words, say }: { verb: string; words: readonly string[]; say: Say },
  read: (words: readonly string[], now: MoneySettings, db: Executor) => Setting | Promise<Setting>,
): Promise<void> {
  const { words: asked, who, why } = readActWords(words, ctx.user);
  const said = await act(ctx, { who, why, verb }, async (acting) => {
    const { name, value, said: sentence } = await read(asked, await readSettings(acting.db, say), acting.db);
    const fault = SETTINGS[name].safeParse(value).error?.issues[0]?.message;
    if (fault !== undefined) throw new Error(`${name}: ${fault}. Nothing was changed.`);
    if (!(await store(acting, name, value))) return { params: null, said: `${sentence} It was so before.` };
    return { params: { name, value }, said: sentence };
  });
  say(said);
}

/** False where it was stored before. */
export async function store({ db }: Acting, name: string, value: unknown): Promise<boolean> {
  const [before] = await db.select().from(moneySettings).where(eq(moneySettings.name, name));
  if (before !== undefined && isDeepStrictEqual(before.value, value)) return false;
  const updatedAt = new Date();
  await db
    .insert(moneySettings)
    .values({ name, value, updatedAt })
    .onConflictDoUpdate({ target: moneySettings.name, set: { value, updatedAt } });
  return true;
}
