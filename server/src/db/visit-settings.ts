/** For programs beside a server: which database their environment means, and what went wrong in words. */
import path from "node:path";
import { z } from "zod";
import { Env } from "../config.ts";

const Settings = Env.pick({ DATABASE_URL: true }).extend({ STARAI_HOME: z.string().min(1).optional() });

/** @throws a sentence, with the program's help, where the environment names no database */
export function databaseOf(env: NodeJS.ProcessEnv, help: string): { databaseUrl: string | null; home: string } {
  const settings = Settings.safeParse(env).data;
  if (settings === undefined) throw new Error("DATABASE_URL: a postgres://… address is needed, or none.");
  const { DATABASE_URL, STARAI_HOME } = settings;
  if (DATABASE_URL !== undefined) return { databaseUrl: DATABASE_URL, home: "" };
  if (STARAI_HOME !== undefined) return { databaseUrl: null, home: path.resolve(STARAI_HOME) };
  throw new Error(`Which server's database? Set DATABASE_URL or STARAI_HOME as for the server.\n\n${help}`);
}

export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EACCES") return `${error.message}\nRun this as the user the server runs as.`;
  return code === undefined
    ? error.message
    : `The database cannot be reached (${error.message || code}): is the address right, and does it run?`;
}
