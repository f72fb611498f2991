/** The server's settings: read once from the environment, all faults reported together, then frozen. */
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { readEnv } from "@starai/protocol/read-env";
import { MACHINE_WAIT_MINUTES } from "@starai/protocol/runs";
import { DEFAULT_MODEL } from "@starai/protocol/catalogue";

const MINIAPP_FOLDER = fileURLToPath(new URL("../../miniapp/dist", import.meta.url));
const BOT_KEY_WANTED =
  "needed, at least 32 characters: make one with `openssl rand -hex 32`, the same for server and bot";
const Port = z.coerce.number().int().min(0).max(65_535);

export const Env = z.object({
  HOST: z.string().default("127.0.0.1"),
  PORT: Port.default(8080),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  /** How long a second server on one database waits for the first to stop, seconds. */
  STARAI_HANDOVER_WAIT_S: z.coerce.number().min(0).max(3_600).default(60),
  STARAI_HOME: z.string("needed: the data folder, e.g. /var/lib/starai").min(1, "needed: the data folder"),
  STARAI_MODELS: z.string("the folder of model files").min(1, "the folder of model files"),
  STARAI_DEFAULT_MODEL: z.string().default(DEFAULT_MODEL),
  /** Shared by the server and the bot; both refuse to start with a short one. */
  STARAI_BOT_KEY: z.string(BOT_KEY_WANTED).min(32, BOT_KEY_WANTED),
  STARAI_WEB_READER: z.enum(["on", "off"]).default("off"),
  STARAI_TITLES: z.enum(["on", "off"]).default("on"),
  STARAI_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  STARAI_PUBLIC_ORIGIN: z.url().optional(),
  /** Where lenders get this code. It is part of a command they paste, so it holds nothing that a shell interprets. */
  STARAI_CODE_URL: z
    .string()
    .regex(/^https:\/\/[\w.:/@~-]+$/, "the https address of a git repository, e.g. https://git.example/starai.git")
    .optional(),
  STARAI_BEHIND_PROXY: z.enum(["on", "off"]).default("off"),
  /** The bot's token, with which Telegram signs the Mini App's init data. */
  BOT_TOKEN: z
    .string()
    .regex(/^\d+:[\w-]{10,}$/, "a token from @BotFather, e.g. 123456:AAF…")
    .optional(),
  BOT_USERNAME: z
    .string()
    .regex(/^\w{4,32}$/, "the bot's name in Telegram without @")
    .optional(),
  /** The port that Prometheus scrapes; without it metrics cannot be read. */
  STARAI_METRICS_PORT: Port.optional(),
  STARAI_METRICS_HOST: z.string().min(1).default("127.0.0.1"),
  /** The built Mini App. */
  STARAI_MINIAPP: z.string().min(1).default(MINIAPP_FOLDER),
});

export interface Config {
  /** `behindProxy`: every connection comes from our proxy, whose X-Forwarded-For ends with the true address. */
  readonly http: { host: string; port: number; publicOrigin: string | null; behindProxy: boolean };
  /** null: metrics are counted and nobody can read them. */
  readonly metrics: { host: string; port: number } | null;
  /** null: the embedded PostgreSQL in the data folder. */
  readonly databaseUrl: string | null;
  /** How long to wait for another server on the same database to stop. */
  readonly handoverWaitMs: number;
  readonly home: string;
  readonly modelsFolder: string;
  readonly defaultModel: string;
  readonly botKey: string;
  /** null: nobody can open the Mini App's session. */
  readonly botToken: string | null;
  /** null: links back to the chat are left out. */
  readonly botUsername: string | null;
  /** null: lenders are shown the command alone. */
  readonly codeUrl: string | null;
  readonly miniappFolder: string;
  readonly webReader: boolean;
  /** Whether the model names conversations. */
  readonly titles: boolean;
  readonly logLevel: z.infer<typeof Env>["STARAI_LOG_LEVEL"];
  /** Models beside the catalogue's, e.g. a file of one's own. */
  readonly extraModels: readonly CatalogueModel[];
  readonly limits: typeof LIMITS;
}

/** Bounds of one server, each with the reason for its number. */
export const LIMITS = {
  /** Waiting jobs in all: at 5 s each on 10 workers this is under two minutes of waiting. */
  queueMax: 200,
  /** Waiting and running jobs of one owner, so that one person cannot fill the queue. */
  jobsPerOwnerMax: 8,
  /** Attempts before a job is given up: three lost machines in one answer is a broken pool. */
  attemptsMax: 4,
  bodyBytesMax: 1024 * 1024,
  messagesMax: 256,
  /** As many as the official API takes. */
  toolsMax: 128,
  jobDeadlineMs: 10 * 60_000,
  /** A question waits this long for a machine that has its model. */
  machineWaitMs: MACHINE_WAIT_MINUTES * 60_000,
  /** Sockets one process holds well: idle ones cost 7 kB each, and the usual open-file limit is 20,000. */
  workersMax: 5_000,
  /** Sockets in the handshake, beside the workers: at 100 ms each 10,000 machines may come back in a second. */
  handshakesMax: 1_000,
  /** Connections of one address that have not proven who they are; the proof takes milliseconds. */
  unprovenPerAddressMax: 5,
  /** Sockets of one address: a rack behind one router, and 1 % of the pool. */
  workersPerAddressMax: 64,
  /** Sockets of one network (/24, /48): filling the pool takes twenty networks. */
  workersPerNetworkMax: 256,
} as const;

/** Reads the environment. Throws one error naming every faulty variable and what it should be. */
export function readConfig(
  env: Record<string, string | undefined>,
  extraModels: readonly CatalogueModel[] = [],
): Config {
  const value = readEnv(Env, env, "The configuration has faults (see .env.example)");
  return Object.freeze({
    http: {
      host: value.HOST,
      port: value.PORT,
      publicOrigin: value.STARAI_PUBLIC_ORIGIN ?? null,
      behindProxy: value.STARAI_BEHIND_PROXY === "on",
    },
    metrics:
      value.STARAI_METRICS_PORT === undefined
        ? null
        : { host: value.STARAI_METRICS_HOST, port: value.STARAI_METRICS_PORT },
    databaseUrl: value.DATABASE_URL ?? null,
    handoverWaitMs: value.STARAI_HANDOVER_WAIT_S * 1000,
    home: value.STARAI_HOME,
    modelsFolder: value.STARAI_MODELS,
    defaultModel: value.STARAI_DEFAULT_MODEL,
    botKey: value.STARAI_BOT_KEY,
    botToken: value.BOT_TOKEN ?? null,
    botUsername: value.BOT_USERNAME ?? null,
    codeUrl: value.STARAI_CODE_URL ?? null,
    miniappFolder: value.STARAI_MINIAPP,
    titles: value.STARAI_TITLES === "on",
    webReader: value.STARAI_WEB_READER === "on",
    logLevel: value.STARAI_LOG_LEVEL,
    extraModels,
    limits: LIMITS,
  });
}
