/** The bot's settings: read once from the environment, all faults reported together. */
import { readEnv } from "@starai/protocol/read-env";
import { z } from "zod";
import type { BotMode } from "./start-bot.ts";

const TOKEN_WANTED = "needed: ask @BotFather for a token and set it, e.g. 123456:AAE…";
const KEY_WANTED = "needed: the server's STARAI_BOT_KEY, at least 32 characters";

const Env = z
  .object({
    BOT_TOKEN: z.string(TOKEN_WANTED).regex(/^\d+:[\w-]{30,}$/, TOKEN_WANTED),
    BOT_API_ROOT: z.url({ protocol: /^https?$/ }).default("https://api.telegram.org"),
    BOT_MODE: z.enum(["polling", "webhook"]).default("polling"),
    WEBHOOK_URL: z.url({ protocol: /^https?$/ }).optional(),
    WEBHOOK_SECRET: z
      .string()
      .regex(/^[\w-]{32,256}$/, "32 to 256 of A-Z a-z 0-9 _ -: make one with `openssl rand -hex 32`")
      .optional(),
    STARAI_SERVER_URL: z.url({ protocol: /^https?$/ }).default("http://127.0.0.1:8080"),
    STARAI_BOT_KEY: z.string(KEY_WANTED).min(32, KEY_WANTED),
    STARAI_APP_URL: z
      .url({ protocol: /^https$/, error: "the https address of the Mini App, e.g. https://starai.example/app/" })
      .optional(),
    STARAI_SUPPORT: z
      .string()
      .regex(
        /^(@\w{4,32}|https:\/\/\S{1,200}|\S+@\S+\.\S+)$/,
        "who answers about payments: @name, a https address or e-mail",
      )
      .optional(),
    HOST: z.string().default("127.0.0.1"),
    PORT: z.coerce.number().int().min(1).max(65_535).default(8081),
    STARAI_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  })
  .superRefine((env, context) => {
    if (env.BOT_MODE !== "webhook") return;
    for (const name of ["WEBHOOK_URL", "WEBHOOK_SECRET"] as const)
      if (env[name] === undefined)
        context.addIssue({ code: "custom", path: [name], message: "needed where BOT_MODE=webhook" });
  });

export interface BotConfig {
  readonly token: string;
  readonly apiRoot: string;
  readonly mode: BotMode;
  readonly serverUrl: string;
  readonly botKey: string;
  /** URL of the Mini App; null: the chat has no links to it. */
  readonly appUrl: string | null;
  /** Who answers about payments; null where nobody is named. */
  readonly support: string | null;
  /** Where the webhook listens. */
  readonly http: { host: string; port: number };
  readonly logLevel: z.infer<typeof Env>["STARAI_LOG_LEVEL"];
}

/** Reads the environment. Throws one error naming every faulty variable and what it should be. */
export function readBotConfig(env: Record<string, string | undefined>): BotConfig {
  const value = readEnv(Env, env, "The bot's configuration has faults (see .env.example)");
  return Object.freeze({
    token: value.BOT_TOKEN,
    apiRoot: value.BOT_API_ROOT,
    mode:
      value.BOT_MODE === "webhook"
        ? { kind: "webhook" as const, url: value.WEBHOOK_URL ?? "", secret: value.WEBHOOK_SECRET ?? "" }
        : { kind: "polling" as const },
    serverUrl: value.STARAI_SERVER_URL.replace(/\/+$/, ""),
    botKey: value.STARAI_BOT_KEY,
    appUrl: value.STARAI_APP_URL ?? null,
    support: value.STARAI_SUPPORT ?? null,
    http: { host: value.HOST, port: value.PORT },
    logLevel: value.STARAI_LOG_LEVEL,
  });
}
