/** A worker's settings: main reads them from the environment once; all faults are reported together. */
import os from "node:os";
import { join, resolve } from "node:path";
import { ASK_PERCENT, isAskPercent } from "@starai/protocol/ask-percent";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { readEnv } from "@starai/protocol/read-env";
import { SPLIT_MODES } from "@starai/protocol/split";
import type { SplitMode } from "@starai/protocol/split";
import { POOL_PATH } from "@starai/protocol/worker-frames";
import { z } from "zod";
import { parseHours } from "./limits/hours.ts";
import type { Limits } from "./limits/limit-watch.ts";
import { parseMemory } from "./limits/memory-share.ts";
import { poolUrlOf } from "./pool-address.ts";

/** One engine this worker runs. */
export type EngineChoice =
  /** A catalogue id, a path to a .gguf file, or `null`: the default model for this machine. */
  | { kind: "llama"; model: string | null }
  /** A catalogue model behind an OpenAI-compatible URL, which calls it `engineModel`. */
  | { kind: "openai"; url: string; key: string | null; model: string; engineModel: string };

/** The program that runs model files: the built-in one, or llama.cpp's own server. */
export type EngineName = "built-in" | "llama-server";
export const ENGINE_NAMES: readonly EngineName[] = ["built-in", "llama-server"];

export interface WorkerConfig {
  poolUrl: string;
  /** Holds the identity and the measured speeds. */
  home: string;
  modelsFolder: string;
  /** Name the pool shows beside answers; `null`: a name derived from the key. */
  name: string | null;
  engines: readonly EngineChoice[];
  /** What runs model files; `faster`: whichever is measured to serve better here. By default the built-in engine. */
  engine?: EngineName | "faster";
  /** Folder with the owner's own build of llama.cpp; null: a known build is fetched. */
  llamaCppFolder?: string | null;
  /** Its price, in percent of the pool's list prices; by default 100. */
  askPercent?: number;
  /** Engine threads; `null` lets the worker choose. */
  threads: number | null;
  /** When this machine may work; by default always. */
  limits?: Limits;
  /** Part of this machine's memory that models may take, in percent; by default what is free. */
  memorySharePercent?: number | null;
  /** Bytes that models may take here, beside that share; by default what is free. */
  memoryBytesMax?: number | null;
  /** For whose groups it holds layers of a model that fits no machine alone; by default nobody's. */
  split?: SplitMode;
  /** Makes this machine its owner's when it joins. Whoever has it can do the same, so it is in no log. */
  ownerCode?: string | null;
  power?: PowerSettings;
  /** TON_ENDPOINT, TON_API_KEY and TON_MNEMONIC, for the worker's look at the chain. */
  chain?: Readonly<Record<string, string | undefined>>;
  logLevel: "debug" | "info" | "warn" | "error" | "silent";
  /** Environment for pip when a model is fetched from Python packages; by default this process's own. */
  childEnvironment?: Record<string, string | undefined>;
}

/** What the owner says of their electricity; null: `inspect` assumes it and says so. */
export interface PowerSettings {
  /** Watts that this machine takes more while it computes. */
  readonly watts: number | null;
  /** Dollars for a kilowatt hour. */
  readonly kwhPrice: number | null;
}

/** Those of `npm run ton`, which reads and checks them. */
const CHAIN_SETTINGS = ["TON_ENDPOINT", "TON_API_KEY", "TON_MNEMONIC"] as const;
const THREADS_MAX = 256;
const WATTS_MAX = 100_000;
const KWH_PRICE_MAX = 10;
const TEMPERATURE_C = { min: 30, max: 110 } as const;
const POOL_WORDS = "the pool's address, such as https://pool.example or ws://127.0.0.1:8080/pool";
const MEMORY_WORDS = "an amount of memory, such as 700MB or 2GB";
const SPLIT_WORDS = "own, pool or off";
const OWNER_CODE_CHARS_MAX = 120;
const ASK_WORDS = `percent of the pool's list prices: ${ASK_PERCENT.min} to ${ASK_PERCENT.max} in steps of ${ASK_PERCENT.step}`;
const optional = <T extends z.ZodType>(schema: T) => z.preprocess((value) => value || undefined, schema.optional());

function wholeNumber(what: string, { min, max }: { min: number; max: number }) {
  const error = `${what}, a whole number from ${min} to ${max}`;
  return z.coerce.number({ error }).int(error).min(min, error).max(max, error);
}

const Settings = z.object({
  STARAI_POOL_URL: optional(z.string().refine((text) => poolUrlOf(text) !== null, POOL_WORDS)),
  STARAI_HOME: optional(z.string()),
  STARAI_WORKER_HOME: optional(z.string()),
  STARAI_MODEL: optional(z.string()),
  STARAI_ENGINE_URL: optional(z.url({ protocol: /^https?$/, error: "an http:// or https:// URL" })),
  STARAI_ENGINE_MODEL: optional(z.string().regex(/^[^=]+=.+$/, "<catalogue id>=<the engine's own name for it>")),
  STARAI_ENGINE_KEY: optional(z.string()),
  STARAI_ENGINE: optional(z.enum(ENGINE_NAMES, ENGINE_NAMES.join(" or "))),
  STARAI_LLAMA_CPP: optional(z.string()),
  STARAI_THREADS: optional(z.coerce.number().int().min(1).max(THREADS_MAX)),
  STARAI_ASK: optional(z.coerce.number({ error: ASK_WORDS }).refine(isAskPercent, ASK_WORDS)),
  STARAI_WORKER_NAME: optional(z.string().max(60)),
  STARAI_HOURS: optional(
    z.string().refine((text) => parseHours(text) !== null, "hours of the day, such as 22-07 or 8:30-17"),
  ),
  STARAI_MAX_TEMPERATURE: optional(wholeNumber("degrees Celsius", TEMPERATURE_C)),
  STARAI_MEMORY_SHARE: optional(wholeNumber("percent of this machine's memory", { min: 1, max: 100 })),
  STARAI_MEMORY: optional(z.string().refine((text) => parseMemory(text) !== null, MEMORY_WORDS)),
  STARAI_SPLIT: optional(z.enum(SPLIT_MODES, SPLIT_WORDS)),
  STARAI_OWNER_CODE: optional(z.string().max(OWNER_CODE_CHARS_MAX, "a code that its owner made for their machines")),
  STARAI_PAUSE_WHEN_USED: optional(z.enum(["on", "off"], "on or off")),
  STARAI_WATTS: optional(wholeNumber("watts", { min: 1, max: WATTS_MAX })),
  STARAI_KWH_PRICE: optional(
    z.coerce.number({ error: "dollars, such as 0.25" }).min(0, "dollars, such as 0.25").max(KWH_PRICE_MAX),
  ),
  STARAI_LOG_LEVEL: optional(z.enum(["debug", "info", "warn", "error", "silent"])),
});

const Environment = Settings.refine((env) => !env.STARAI_ENGINE_URL || env.STARAI_ENGINE_MODEL, {
  path: ["STARAI_ENGINE_MODEL"],
  error: "needed with STARAI_ENGINE_URL: <catalogue id>=<the engine's own name for it>",
});

type Variables = Record<string, string | undefined>;

/** What can be said on the command line, too, and the setting that it stands for. */
const SETTING_OF = {
  pool: "STARAI_POOL_URL",
  model: "STARAI_MODEL",
  engine: "STARAI_ENGINE",
  memory: "STARAI_MEMORY",
  split: "STARAI_SPLIT",
  "owner-code": "STARAI_OWNER_CODE",
  home: "STARAI_WORKER_HOME",
} as const;
const SHOWN_CHARS_MAX = 80;

type CommandOptions = { readonly [Name in keyof typeof SETTING_OF]?: string | undefined };

/**
 * @param options  of the command line; they count before the environment
 * @throws Error naming every setting that is wrong
 */
export function readConfig(variables: Variables, options: CommandOptions = {}): WorkerConfig {
  const env = readEnv(Environment, { ...variables, ...settingsOf(options) }, "the worker's settings are wrong");
  const pool = env.STARAI_POOL_URL;
  return {
    poolUrl: (pool === undefined ? null : poolUrlOf(pool)) ?? `ws://127.0.0.1:8080${POOL_PATH}`,
    home: resolve(env.STARAI_WORKER_HOME ?? (env.STARAI_HOME ? join(env.STARAI_HOME, "worker") : userHome(variables))),
    modelsFolder: resolve(modelsFolder(variables, os.homedir())),
    name: env.STARAI_WORKER_NAME ?? null,
    engines: enginesOf(env),
    engine: env.STARAI_ENGINE ?? "faster",
    llamaCppFolder: env.STARAI_LLAMA_CPP ?? null,
    askPercent: env.STARAI_ASK ?? ASK_PERCENT.usual,
    threads: env.STARAI_THREADS ?? null,
    limits: limitsOf(env),
    memorySharePercent: env.STARAI_MEMORY_SHARE ?? null,
    memoryBytesMax: env.STARAI_MEMORY === undefined ? null : parseMemory(env.STARAI_MEMORY),
    split: env.STARAI_SPLIT ?? "own",
    ownerCode: env.STARAI_OWNER_CODE ?? null,
    power: { watts: env.STARAI_WATTS ?? null, kwhPrice: env.STARAI_KWH_PRICE ?? null },
    chain: Object.fromEntries(CHAIN_SETTINGS.map((name) => [name, variables[name]])),
    logLevel: env.STARAI_LOG_LEVEL ?? "info",
    childEnvironment: variables,
  };
}

/** @throws Error naming the first option that is wrong */
function settingsOf(options: CommandOptions): Variables {
  const settings: Variables = {};
  for (const [name, setting] of Object.entries(SETTING_OF) as [keyof CommandOptions, keyof typeof Settings.shape][]) {
    const value = options[name];
    if (value === undefined) continue;
    const read = Settings.shape[setting].safeParse(value);
    const fault = value === "" ? "a value" : read.error?.issues[0]?.message;
    if (fault !== undefined) throw new Error(`--${name} "${value.slice(0, SHOWN_CHARS_MAX)}" is not ${fault}`);
    settings[setting] = value;
  }
  return settings;
}

function limitsOf(env: z.infer<typeof Environment>): Limits {
  return {
    hours: env.STARAI_HOURS === undefined ? null : parseHours(env.STARAI_HOURS),
    temperatureMaxC: env.STARAI_MAX_TEMPERATURE ?? null,
    pausesWhenUsed: env.STARAI_PAUSE_WHEN_USED === "on",
  };
}

function enginesOf(env: z.infer<typeof Environment>): EngineChoice[] {
  const engines: EngineChoice[] = [];
  if (env.STARAI_ENGINE_URL && env.STARAI_ENGINE_MODEL) {
    const at = env.STARAI_ENGINE_MODEL.indexOf("=");
    engines.push({
      kind: "openai",
      url: env.STARAI_ENGINE_URL,
      key: env.STARAI_ENGINE_KEY ?? null,
      model: env.STARAI_ENGINE_MODEL.slice(0, at),
      engineModel: env.STARAI_ENGINE_MODEL.slice(at + 1),
    });
  }
  // An engine URL without a model name means: serve that engine only.
  const names = env.STARAI_MODEL ? modelNames(env.STARAI_MODEL) : engines.length > 0 ? [] : [null];
  return [...engines, ...names.filter((name) => name !== "").map((model) => ({ kind: "llama" as const, model }))];
}

/** Splits the names at commas; a comma inside a file path belongs to the path. */
function modelNames(text: string): string[] {
  const pieces = text.split(",");
  const names: string[] = [];
  while (pieces.length > 0) {
    const isPath = /[/\\]/.test(pieces[0] ?? "");
    const end = isPath ? pieces.findIndex((piece) => /\.(gguf|bin)\s*$/i.test(piece)) : 0;
    names.push(
      pieces
        .splice(0, Math.max(0, end) + 1)
        .join(",")
        .trim(),
    );
  }
  return names;
}

function userHome(variables: Variables): string {
  const data =
    variables.XDG_DATA_HOME || variables.LOCALAPPDATA || join(variables.HOME ?? os.homedir(), ".local", "share");
  return join(data, "starai", "worker");
}
