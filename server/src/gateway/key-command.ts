/**
 * `npm run key -- create|list|revoke`: manages API keys from the command line, whether or not the server is running.
 */
import type { Base } from "../base.ts";
import { createApiKey, listApiKeys, revokeApiKey } from "./api-keys.ts";

export const KEY_HELP = `Keys of the OpenAI-compatible API.

  npm run key -- create NAME   makes a key and shows it, this once
  npm run key -- list          lists keys: their ids, names and dates, never the keys themselves
  npm run key -- revoke ID     ends a key; a running server refuses it within 5 seconds

The database is the server's: set DATABASE_URL as for \`npm run server\`, or STARAI_HOME, the data folder
(\`npm start\` prints its own behind "Data"). The server may run meanwhile.`;

const NAME_CHARS_MAX = 100;
const ID_FORM = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Books = Pick<Base, "db">;

export type KeyCommand = { verb: "create"; name: string } | { verb: "list" } | { verb: "revoke"; id: string };

/** Parses the command line; null asks for help. @throws an Error that says what to write instead */
export function readKeyCommand(words: readonly string[]): KeyCommand | null {
  const [verb, ...rest] = words;
  if (verb === undefined || words.some((word) => ["--help", "-h"].includes(word)) || verb === "help") return null;
  const said = rest.join(" ").trim();
  switch (verb) {
    case "create":
      return { verb, name: readName(said) };
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
      const { id, name, key } = await createApiKey(ctx, command.name);
      say(`Key   ${key}\nName  ${name}\nId    ${id}\n`);
      say("It is shown this once and kept only as a hash: save it now. Clients send it as");
      return say("`Authorization: Bearer <key>` to <your server>/v1, their base URL.");
    }
    case "list": {
      const keys = await listApiKeys(ctx);
      if (keys.length === 0) return say("There are no keys yet: npm run key -- create NAME");
      for (const { id, name, createdAt, revokedAt } of keys) {
        const state = revokedAt === null ? "in use" : `revoked ${dayOf(revokedAt)}`;
        say(`${id}  made ${dayOf(createdAt)}  ${state.padEnd(18)}  ${name}`);
      }
      return;
    }
    case "revoke": {
      if (!(await revokeApiKey(ctx, command.id)))
        throw new Error("No key in use has this id: see `npm run key -- list`.");
      return say("The key is revoked; a running server refuses it within 5 seconds.");
    }
  }
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
