/** `npm run key`: the entry. Its only reader of the environment. */
import path from "node:path";
import { z } from "zod";
import { Env } from "./config.ts";
import { visitDatabase } from "./db/visit-database.ts";
import { KEY_HELP, readKeyCommand, runKeyCommand } from "./gateway/key-command.ts";

const Settings = Env.pick({ DATABASE_URL: true }).extend({ STARAI_HOME: z.string().min(1).optional() });
const say = (line: string) => void process.stdout.write(`${line}\n`);

try {
  const command = readKeyCommand(process.argv.slice(2));
  if (command === null) say(KEY_HELP);
  else await visitDatabase(whereFrom(process.env), (opened) => runKeyCommand(opened, command, say));
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exitCode = 1;
}

function whereFrom(env: NodeJS.ProcessEnv): { databaseUrl: string | null; home: string } {
  const settings = Settings.safeParse(env).data;
  if (settings === undefined) throw new Error("DATABASE_URL: a postgres://… address is needed, or none.");
  const { DATABASE_URL, STARAI_HOME } = settings;
  if (DATABASE_URL !== undefined) return { databaseUrl: DATABASE_URL, home: "" };
  if (STARAI_HOME !== undefined) return { databaseUrl: null, home: path.resolve(STARAI_HOME) };
  throw new Error(`Which server's keys? Set DATABASE_URL or STARAI_HOME as for the server.\n\n${KEY_HELP}`);
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EACCES") return `${error.message}\nRun this as the user the server runs as.`;
  return code === undefined
    ? error.message
    : `The database cannot be reached (${error.message || code}): is the address right, and does it run?`;
}
