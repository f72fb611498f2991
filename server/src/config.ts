/** The server's settings: read once from the environment, all faults reported together, then frozen. */
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { readEnv } from "@starai/protocol/read-env";
import { MACHINE_WAIT_MINUTES } from "@starai/protocol/runs";
import { DEFAULT_MODEL } from "@starai/protocol/catalogue";

const MINIAPP_FOLDER = fileURLToPath(new URL("../../miniapp/dist", import.meta.url));
const NANO = 1_000_000_000n;
const BOT_KEY_WANTED =
  "needed, at least 32 characters: make one with `openssl rand -hex 32`, the same for server and bot";
const GROUP_STAKE_WANTED = "whole coins, at least the 5 that a machine needs for paid work, e.g. 50";
const OPERATOR_KEY_WANTED = "at least 32 characters: make one with `openssl rand -hex 32`";
const Port = z.coerce.number().int().min(0).max(65_535);

const TonAddress = z.string().regex(/^(0:[0-9a-f]{64}|[\w-]{48})$/i, "an address of the basechain, e.g. EQC…");

export const Env = z.object({
  HOST: z.string().default("127.0.0.1"),
  PORT: Port.default(8080),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  /** How long a second server on one database waits for the first to stop, seconds. */
  STARAI_HANDOVER_WAIT_S: z.coerce.number().min(0).max(3_600).default(60),
  STARAI_HOME: z.string("needed: the data folder, e.g. /var/lib/starai").min(1, "needed: the data folder"),
  /** Signs receipts, in place of the key in the data folder: for a house whose server may move to another machine. */
  STARAI_RECEIPT_KEY: z
    .string()
    .regex(/^[\w-]{42}[AEIMQUYcgkosw048]$/, "32 bytes in base64url: openssl rand -base64 32 | tr +/ -_ | tr -d =")
    .optional(),
  STARAI_MODELS: z.string("the folder of model files").min(1, "the folder of model files"),
  STARAI_DEFAULT_MODEL: z.string().default(DEFAULT_MODEL),
  /** Shared by the server and the bot; both refuse to start with a short one. */
  STARAI_BOT_KEY: z.string(BOT_KEY_WANTED).min(32, BOT_KEY_WANTED),
  STARAI_WEB_READER: z.enum(["on", "off"]).default("off"),
  STARAI_TITLES: z.enum(["on", "off"]).default("on"),
  STARAI_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  STARAI_PUBLIC_ORIGIN: z.url().optional(),
  /** Where lenders get this code. They paste it behind `git clone`, so it holds nothing that a shell interprets. */
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
  /** Where the Bot API is, for payments in Stars. */
  BOT_API_ROOT: z.url({ protocol: /^https?$/ }).default("https://api.telegram.org"),
  BOT_USERNAME: z
    .string()
    .regex(/^\w{4,32}$/, "the bot's name in Telegram without @")
    .optional(),
  /** The port that Prometheus scrapes; without it metrics cannot be read. */
  STARAI_METRICS_PORT: Port.optional(),
  STARAI_METRICS_HOST: z.string().min(1).default("127.0.0.1"),
  /** The operator's page; off unless both are set. */
  STARAI_OPERATOR_PORT: Port.optional(),
  STARAI_OPERATOR_HOST: z.string().min(1).default("127.0.0.1"),
  STARAI_OPERATOR_KEY: z.string().min(32, OPERATOR_KEY_WANTED).optional(),
  /** Where the coin's rate comes from. */
  STARAI_RATES: z.enum(["live", "sandbox", "off"], "live, sandbox or off").default("live"),
  /** The coin's ticker, as people see it. */
  STARAI_COIN: z
    .string()
    .regex(/^[A-Z][A-Z0-9]{1,9}$/, "the coin's ticker, 2 to 10 capital letters and digits, e.g. GRAM")
    .default("GRAM"),
  /** The TON network that coins are on. */
  TON_NETWORK: z.enum(["mainnet", "testnet", "off"], "mainnet, testnet or off").default("off"),
  /** toncenter v2 JSON-RPC, and its key. */
  TON_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  TON_API_KEY: z.string().min(1).optional(),
  /** Another operator's: large deposits are credited when both show them, and payouts are repeated when both say so. */
  TON_SECOND_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  TON_SECOND_API_KEY: z.string().min(1).optional(),
  /** The contracts, as `npm run deploy` printed them. */
  TON_DEPOSITS: TonAddress.optional(),
  TON_TILL: TonAddress.optional(),
  TON_DISTRIBUTOR: TonAddress.optional(),
  /** The key of the W5 wallet that pays out. */
  TON_HOT_SEED: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, "32 bytes in hex: openssl rand -hex 32")
    .optional(),
  /** The key of the W5 wallet that publishes epochs: the distributor's publisher. */
  TON_PUBLISHER_SEED: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, "32 bytes in hex: openssl rand -hex 32")
    .optional(),
  /** The key that agrees to close escrows at once. Escrows have it in their address, so it never changes. */
  TON_PROVIDER_SEED: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, "32 bytes in hex: openssl rand -hex 32")
    .optional(),
  TON_TOPUP_IN_TELEGRAM: z.enum(["on", "off"], "on or off").optional(),
  /** Stake of a machine, in coins, from which it may head groups with other people's machines. */
  STARAI_GROUP_STAKE: z.coerce.number().int(GROUP_STAKE_WANTED).min(5, GROUP_STAKE_WANTED).max(1_000_000).default(50),
  /** The built Mini App. */
  STARAI_MINIAPP: z.string().min(1).default(MINIAPP_FOLDER),
});

export interface Config {
  /** `behindProxy`: every connection comes from our proxy, whose X-Forwarded-For ends with the true address. */
  readonly http: { host: string; port: number; publicOrigin: string | null; behindProxy: boolean };
  /** null: metrics are counted and nobody can read them. */
  readonly metrics: { host: string; port: number } | null;
  /** null: there is no operator's page. */
  readonly operator: { host: string; port: number; key: string } | null;
  /** null: the embedded PostgreSQL in the data folder. */
  readonly databaseUrl: string | null;
  /** How long to wait for another server on the same database to stop. */
  readonly handoverWaitMs: number;
  readonly home: string;
  /** base64url; null: the key in the data folder, made at the first start. */
  readonly receiptSeed: string | null;
  readonly modelsFolder: string;
  readonly defaultModel: string;
  readonly botKey: string;
  /** null: nobody can open the Mini App's session, and nobody can pay with Stars. */
  readonly botToken: string | null;
  /** Where the Bot API is; Telegram's own by default. */
  readonly botApiRoot: string;
  /** null: links back to the chat are left out. */
  readonly botUsername: string | null;
  /** null: lenders are shown the command without a link to its code. */
  readonly codeUrl: string | null;
  readonly miniappFolder: string;
  readonly webReader: boolean;
  /** `off`: the coin has no rate, and nothing that needs one can be paid in it. */
  readonly rates: z.infer<typeof Env>["STARAI_RATES"];
  /** The coin's ticker. */
  readonly coin: string;
  /** null: coins cannot be paid in or out. */
  readonly ton: TonSettings | null;
  /** Whether the model names conversations. */
  readonly titles: boolean;
  readonly logLevel: z.infer<typeof Env>["STARAI_LOG_LEVEL"];
  /** Stake of a machine from which it may head groups with other people's machines, nano units. */
  readonly groupStake: bigint;
  /** Models beside the catalogue's, e.g. a file of one's own. */
  readonly extraModels: readonly CatalogueModel[];
  readonly limits: typeof LIMITS;
}

/** Addresses as they were written. */
export interface TonSettings {
  readonly network: "mainnet" | "testnet";
  readonly endpoint: TonEndpoint;
  readonly second: TonEndpoint | null;
  readonly deposits: string;
  readonly till: string;
  readonly distributor: string;
  /** Hex; null: this server pays nothing out. */
  readonly hotSeed: string | null;
  readonly publisherSeed: string | null;
  /** Hex; null: this server offers no self-custody. */
  readonly providerSeed: string | null;
  readonly topUpInTelegram: boolean;
  /** Of our pages, which wallets' proofs name. */
  readonly publicOrigin: string;
}

export interface TonEndpoint {
  readonly url: string;
  readonly apiKey: string | null;
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
  const value = readEnv(CheckedEnv, env, "The configuration has faults (see .env.example)");
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
    operator:
      value.STARAI_OPERATOR_PORT === undefined || value.STARAI_OPERATOR_KEY === undefined
        ? null
        : { host: value.STARAI_OPERATOR_HOST, port: value.STARAI_OPERATOR_PORT, key: value.STARAI_OPERATOR_KEY },
    databaseUrl: value.DATABASE_URL ?? null,
    handoverWaitMs: value.STARAI_HANDOVER_WAIT_S * 1000,
    home: value.STARAI_HOME,
    receiptSeed: value.STARAI_RECEIPT_KEY ?? null,
    modelsFolder: value.STARAI_MODELS,
    defaultModel: value.STARAI_DEFAULT_MODEL,
    botKey: value.STARAI_BOT_KEY,
    botToken: value.BOT_TOKEN ?? null,
    botApiRoot: value.BOT_API_ROOT.replace(/\/+$/, ""),
    botUsername: value.BOT_USERNAME ?? null,
    codeUrl: value.STARAI_CODE_URL ?? null,
    miniappFolder: value.STARAI_MINIAPP,
    titles: value.STARAI_TITLES === "on",
    rates: value.STARAI_RATES,
    ton: tonSettingsOf(value),
    coin: value.STARAI_COIN,
    webReader: value.STARAI_WEB_READER === "on",
    logLevel: value.STARAI_LOG_LEVEL,
    groupStake: BigInt(value.STARAI_GROUP_STAKE) * NANO,
    extraModels,
    limits: LIMITS,
  });
}

const CheckedEnv = Env.superRefine((value, context) => {
  if (value.TON_NETWORK === "off") return;
  const fault = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
  for (const name of ["TON_DEPOSITS", "TON_TILL", "TON_DISTRIBUTOR"] as const)
    if (value[name] === undefined) fault(name, "needed with TON_NETWORK: the address that `npm run deploy` printed");
  if (value.STARAI_PUBLIC_ORIGIN === undefined)
    fault(
      "STARAI_PUBLIC_ORIGIN",
      "needed with TON_NETWORK: the public address of this server, e.g. https://starai.example; a wallet's proof names the page that it was made on, and without this every one would be refused as made for another site",
    );
  const { TON_ENDPOINT = TONCENTER[value.TON_NETWORK], TON_SECOND_ENDPOINT } = value;
  if (value.TON_NETWORK === "mainnet" && value.TON_HOT_SEED !== undefined && TON_SECOND_ENDPOINT === undefined)
    fault(
      "TON_SECOND_ENDPOINT",
      "needed on mainnet with TON_HOT_SEED: an endpoint of another operator; one endpoint alone could have a payout paid twice",
    );
  if (TON_SECOND_ENDPOINT !== undefined && new URL(TON_SECOND_ENDPOINT).host === new URL(TON_ENDPOINT).host)
    fault(
      "TON_SECOND_ENDPOINT",
      "an endpoint of another operator than TON_ENDPOINT's: one that checks itself would be believed whatever it says",
    );
  // Telegram's terms (6.2) want digital goods sold for Stars inside Telegram: selling them for coins there is the operator's own decision.
  if (value.TON_NETWORK === "mainnet" && value.TON_TOPUP_IN_TELEGRAM === undefined)
    fault(
      "TON_TOPUP_IN_TELEGRAM",
      "needed on mainnet, on or off: Telegram's terms (6.2) let digital goods be sold for Stars only inside Telegram, so `on` may cost the bot its place there; with `off` coins are paid in on the web page alone",
    );
});

function tonSettingsOf(value: z.infer<typeof Env>): TonSettings | null {
  const { TON_NETWORK: network, TON_DEPOSITS: deposits, TON_TILL: till, TON_DISTRIBUTOR: distributor } = value;
  const { STARAI_PUBLIC_ORIGIN: publicOrigin } = value;
  if (network === "off" || deposits === undefined || till === undefined || distributor === undefined) return null;
  if (publicOrigin === undefined) return null;
  return {
    network,
    endpoint: { url: value.TON_ENDPOINT ?? TONCENTER[network], apiKey: value.TON_API_KEY ?? null },
    second:
      value.TON_SECOND_ENDPOINT === undefined
        ? null
        : { url: value.TON_SECOND_ENDPOINT, apiKey: value.TON_SECOND_API_KEY ?? null },
    deposits,
    till,
    distributor,
    hotSeed: value.TON_HOT_SEED ?? null,
    publisherSeed: value.TON_PUBLISHER_SEED ?? null,
    providerSeed: value.TON_PROVIDER_SEED ?? null,
    topUpInTelegram: value.TON_TOPUP_IN_TELEGRAM === "on",
    publicOrigin,
  };
}

export const TONCENTER = {
  mainnet: "https://toncenter.com/api/v2/jsonRPC",
  testnet: "https://testnet.toncenter.com/api/v2/jsonRPC",
} as const;
