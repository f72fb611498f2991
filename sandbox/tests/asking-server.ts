/** For tests of outages: a server started as in production, one worker that plays a script, and people who ask. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { answerOf, createServerClient } from "@starai/server/client";
import { readConfig } from "@starai/server/config";
import { startServer } from "@starai/server/start";
import type { StartOptions } from "@starai/server/start";
import { answers } from "@starai/server/testing/scripted-thinking";
import type { Script } from "@starai/server/testing/scripted-thinking";
import { PlayedWorker } from "../src/played-worker.ts";
import { STAGED_MODEL } from "../src/staged-stack.ts";

const BOT_KEY = "the-bot-key-of-an-asking-server-0123456789";
/** Long enough for a database fault to hit in the middle of an answer. */
const WORDS = 60;
const WORD_MS = 40;

export async function temporaryHome(): Promise<string> {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-outage-"));
  await chmod(home, 0o755);
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  return home;
}

/** The answer to a question, whatever happens while it is written. */
export const undisturbed = (question: string): string =>
  Array.from({ length: WORDS }, (_, at) => `${question}-${at}`).join(" ");

const slowly: Script = ({ question }) => answers(wordsOf(question));

async function* wordsOf(question: string): AsyncGenerator<string> {
  for (const word of undisturbed(question).split(/(?<= )/)) {
    await sleep(WORD_MS);
    yield word;
  }
}

interface RunEnd {
  status: string;
  answer: string;
}

export type AskingServer = Awaited<ReturnType<typeof startAskingServer>>;

export interface AskingOptions extends Partial<StartOptions> {
  home: string;
  env?: Record<string, string>;
}

export async function startAskingServer({ home, env = {}, ...options }: AskingOptions) {
  const lines: { level: number; msg: string }[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as { level: number; msg: string });
  const server = await startServer(askingConfig(home, env), { log: pino({ level: "info" }, { write }), ...options });
  onTestFinished(() => server.close(0));
  const sha256 = loadCatalogue().get(STAGED_MODEL)?.sha256 ?? "";
  const worker = new PlayedWorker({ id: STAGED_MODEL, sha256 }, slowly);
  const { api } = createServerClient({ baseUrl: server.url, botKey: BOT_KEY });
  return {
    ...server,
    worker,
    /** Messages logged at warning level or above. */
    troubles: () => lines.filter(({ level }) => level >= 40).map(({ msg }) => msg),
    logged: () => lines.map(({ msg }) => msg),
    /** Sends a question from a person, retrying while the server is unavailable. */
    ask: (person: number) => answerOf(() => api.messages.$post({ json: message(person) })),
    health: () => healthOf(server.url),
    /** Status and answer of every run, in the order of creation. */
    ends: async () => (await server.ctx.pg.query<RunEnd>("select status, answer from runs order by created_at")).rows,
    /** Number of answer characters stored so far; 0 while the database is unavailable. */
    stored: () =>
      server.ctx.pg.query<{ n: string }>("select coalesce(sum(length(committed_text)), 0) as n from jobs").then(
        ({ rows }) => Number(rows[0]?.n),
        () => 0,
      ),
  };
}

export function askingConfig(home: string, env: Record<string, string> = {}) {
  return readConfig({
    PORT: "0",
    STARAI_HOME: home,
    STARAI_MODELS: path.join(home, "models"),
    STARAI_BOT_KEY: BOT_KEY,
    STARAI_DEFAULT_MODEL: STAGED_MODEL,
    STARAI_TITLES: "off",
    STARAI_RATES: "sandbox",
    ...env,
  });
}

export async function healthOf(url: string) {
  const response = await fetch(`${url}/healthz`);
  const body = (await response.json()) as Record<string, unknown>;
  return { code: response.status, body };
}

function message(person: number) {
  return {
    person: { telegramId: person, name: "Ann", language: "en" },
    chat: `telegram:${person}`,
    externalId: `telegram:${person}:1`,
    text: `q${person}`,
  };
}
