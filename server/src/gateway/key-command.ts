/**
 * `npm run key -- create|list|revoke`: manages API keys from the command line, whether or not the server is running.
 */
import { eq } from "drizzle-orm";
import { CAP_BOUNDS } from "@starai/protocol/money";
import type { Base } from "../base.ts";
import { people } from "../db/schema.ts";
import { createApiKey, listApiKeys, revokeApiKey } from "./api-keys.ts";
import type { ListedKey } from "./api-keys.ts";
import { storeOwnKey } from "./own-keys.ts";

export const KEY_HELP = `Keys of the OpenAI-compatible API.

  npm run key -- create NAME   makes a key of the house and shows it, this once; its requests cost nobody anything
  npm run key -- create NAME --person TELEGRAM_ID [--cap USD]
                               makes a key of a person who has written to the bot: they pay for its requests, for at
                               most so many dollars a day, and can change and revoke it themselves
  npm run key -- list          lists keys: their ids, owners, names and dates, never the keys themselves
  npm run key -- revoke ID     ends a key; a running server refuses it within 5 seconds

The database is the server's: set DATABASE_URL as for \`npm run server\`, or STARAI_HOME, the data folder
(\`npm start\` prints its own behind "Data"). The server may run meanwhile.`;

const NAME_CHARS_MAX = 100;
const ID_FORM = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MICRO = 1_000_000;

type Books = Pick<Base, "db">;

/** `dayCap` is in micro-dollars. */
type NewKey = { name: string; person: { telegramId: number; dayCap: number | undefined } | null };
export type KeyCommand = ({ verb: "create" } & NewKey) | { verb: "list" } | { verb: "revoke"; id: string };

/** Parses the command line; null asks for help. @throws an Error that says what to write instead */
export function readKeyCommand(words: readonly string[]): KeyCommand | null {
  const [verb, ...rest] = words;
  if (verb === undefined || words.some((word) => ["--help", "-h"].includes(word)) || verb === "help") return null;
  const said = rest.join(" ").trim();
  switch (verb) {
    case "create":
      return { verb, ...readNewKey(rest) };
    case "list":
      if (said !== "") throw new Error("`list` takes no arguments: npm run key -- list");
      return { verb };
    case "revoke":
      if (!ID_FORM.test(said)) throw new Error("`revoke` needs the id of a key, as `npm run key -- list` shows it.");
      return { verb, id: said };
    default:
      throw new Error(`There is no command "${verb.slice(0, 40)}".\n\n${KEY_HELP}`);
  }
}

function readNewKey(words: readonly string[]): NewKey {
  const { values, rest } = takeOptions(words, ["--person", "--cap"]);
  const name = readName(rest.join(" ").trim());
  const [person, cap] = [values.get("--person"), values.get("--cap")];
  if (person === undefined) {
    if (cap === undefined) return { name, person: null };
    throw new Error("`--cap` limits a person's key: add `--person TELEGRAM_ID`. A key of the house costs nobody.");
  }
  if (!/^[1-9]\d{0,15}$/.test(person)) throw new Error("`--person` needs a Telegram id, which is a number.");
  return { name, person: { telegramId: Number(person), dayCap: cap === undefined ? undefined : readCap(cap) } };
}

/** Takes options with their values out of the words, as `--cap 5` or `--cap=5`. */
function takeOptions(words: readonly string[], known: readonly string[]) {
  const values = new Map<string, string>();
  const rest: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const [option = "", ...inline] = word.split("=");
    if (!word.startsWith("--")) rest.push(word);
    else if (!known.includes(option)) throw new Error(`There is no option "${option.slice(0, 40)}".\n\n${KEY_HELP}`);
    else values.set(option, inline.length > 0 ? inline.join("=") : (words[++at] ?? ""));
  }
  return { values, rest };
}

function readCap(said: string): number {
  const { min, max } = CAP_BOUNDS.day;
  const dayCap = /^\d{1,9}(\.\d{1,6})?$/.test(said) ? Math.round(Number(said) * MICRO) : NaN;
  if (dayCap >= min && dayCap <= max) return dayCap;
  throw new Error(`\`--cap\` is in dollars a day, from ${min / MICRO} to ${max / MICRO}: \`--cap 2.5\`.`);
}

function readName(said: string): string {
  if (said === "")
    throw new Error("`create` needs a name by which you know the key again: npm run key -- create laptop");
  if (said.length > NAME_CHARS_MAX || /\p{C}/u.test(said))
    throw new Error(`A key's name is one line of at most ${NAME_CHARS_MAX} characters.`);
  return said;
}

/** Runs the command and returns its output lines. */
export async function runKeyCommand(ctx: Books, command: KeyCommand, say: (line: string) => void): Promise<void> {
  switch (command.verb) {
    case "create": {
      const { id, key } = await make(ctx, command);
      say(`Key   ${key}\nName  ${command.name}\nId    ${id}\n`);
      say("It is shown this once and kept only as a hash: save it now. Clients send it as");
      return say("`Authorization: Bearer <key>` to <your server>/v1, their base URL.");
    }
    case "list": {
      const keys = await listApiKeys(ctx);
      if (keys.length === 0) return say("There are no keys yet: npm run key -- create NAME");
      for (const key of keys) say(lineOf(key));
      return;
    }
    case "revoke": {
      if (!(await revokeApiKey(ctx, command.id)))
        throw new Error("No key in use has this id: see `npm run key -- list`.");
      return say("The key is revoked; a running server refuses it within 5 seconds.");
    }
  }
}

async function make(ctx: Books, { name, person }: NewKey): Promise<{ id: string; key: string }> {
  if (person === null) return createApiKey(ctx, name);
  const { telegramId, dayCap } = person;
  const [row] = await ctx.db.select({ id: people.id }).from(people).where(eq(people.telegramId, telegramId));
  if (row === undefined) throw new Error(`Nobody with the Telegram id ${telegramId} has written to the bot yet.`);
  return storeOwnKey(ctx, row.id, { name, dayCap });
}

function lineOf({ id, name, createdAt, revokedAt, telegramId }: ListedKey): string {
  const state = revokedAt === null ? "in use" : `revoked ${dayOf(revokedAt)}`;
  const owner = telegramId === null ? "the house's" : `of ${telegramId}`;
  return `${id}  made ${dayOf(createdAt)}  ${state.padEnd(18)}  ${owner.padEnd(14)}  ${name}`;
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
