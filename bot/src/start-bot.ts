/** Runs a bot by polling or behind a webhook. Usable inside another process; does not read the environment. */
import type { Hono } from "hono";
import type { Bot } from "grammy";
import { BotError, GrammyError } from "grammy";
import type { Update } from "grammy/types";
import type { Logger } from "pino";
import type { ServerClient } from "@starai/server/client";
import { createBot } from "./bot.ts";
import type { BotContext, Paces } from "./context.ts";
import { introduce } from "./introduce.ts";
import { followNews } from "./server-news.ts";
import { Inbox } from "./updates/inbox.ts";
import { ALLOWED_UPDATES, poll } from "./updates/poll.ts";
import { Work } from "./updates/work.ts";
import { webhookApp } from "./updates/webhook.ts";

export type BotMode =
  | { kind: "polling" }
  /** `url` is what Telegram calls; its path is the route of `webhook`. */
  | { kind: "webhook"; url: string; secret: string };

export interface StartBotOptions {
  token: string;
  apiRoot?: string;
  fetch?: typeof fetch;
  server: ServerClient;
  /** URL of the Mini App, as a client opens it; without it the chat has no links to the app. */
  appUrl?: string;
  /** Who answers about payments, e.g. `@starai_support`. */
  support?: string;
  mode: BotMode;
  log: Logger;
  paces?: Paces;
}

export interface RunningBot {
  username: string;
  /** In webhook mode: the route Telegram calls, to be mounted or served. */
  webhook?: Hono;
  /** Stops receiving updates. Answers in progress are left to the next start, which finds them in the inbox. */
  stop(): Promise<void>;
}

/** @throws when Telegram refuses the token, does not answer, or refuses the webhook */
export async function startBot(options: StartBotOptions): Promise<RunningBot> {
  const stopping = new AbortController();
  const appUrl = options.appUrl ?? null;
  const { bot, deps } = createBot({ ...options, appUrl, support: options.support ?? null, stopping: stopping.signal });
  await initialise(bot);
  const inbox = new Inbox(options.server, bot.botInfo.id);
  const work = new Work((update) => handle(bot, update, options.log));
  void introduce(bot.api, { appUrl, log: options.log });
  const source = await listen(options, { bot, inbox, work });
  const news = followNews(deps, bot.api);
  return {
    username: bot.botInfo.username,
    ...(source.webhook ? { webhook: source.webhook } : {}),
    stop: async () => {
      stopping.abort();
      await source.stop();
      await Promise.all([work.done(), news]);
    },
  };
}

interface Parts {
  bot: Bot<BotContext>;
  inbox: Inbox;
  work: Work;
}

async function listen({ mode, log }: StartBotOptions, { bot, inbox, work }: Parts) {
  if (mode.kind === "polling") {
    await bot.api.deleteWebhook();
    const runner = poll({ api: bot.api, inbox, handle: (update) => work.on(update), log });
    return { stop: () => runner.stop() };
  }
  const accept = (updates: Update[]) => updates.forEach((update) => void work.on(update));
  const { pathname: path } = new URL(mode.url);
  const webhook = webhookApp({ path, secret: mode.secret, inbox, isFull: () => work.isFull, accept });
  await takeUpLeftOver({ inbox, work });
  await bot.api.setWebhook(mode.url, { secret_token: mode.secret, allowed_updates: ALLOWED_UPDATES });
  return { webhook, stop: async () => undefined };
}

/** Resumes unhandled updates before the first new one, so that a chat's messages keep their order. */
async function takeUpLeftOver({ inbox, work }: Pick<Parts, "inbox" | "work">): Promise<void> {
  for (let after: number | null = -1; after !== null;) {
    const { updates, last } = await inbox.leftOver(after);
    for (const update of updates) {
      await work.room();
      void work.on(update);
    }
    after = last;
  }
}

async function initialise(bot: Bot<BotContext>): Promise<void> {
  try {
    await bot.init();
  } catch (error) {
    const refused = error instanceof GrammyError && (error.error_code === 401 || error.error_code === 404);
    const next = refused
      ? "Telegram refuses this token: copy it again from @BotFather into BOT_TOKEN."
      : "Telegram does not answer: is there a network, and is BOT_API_ROOT right?";
    throw new Error(next, { cause: error });
  }
}

/** Never rejects: whatever an update holds, the next one is handled. */
async function handle(bot: Bot<BotContext>, update: Update, log: Logger): Promise<void> {
  try {
    await bot.handleUpdate(update);
  } catch (error) {
    // Handler errors are wrapped in BotError; any other error happened before a handler.
    if (error instanceof BotError) await bot.errorHandler(error);
    else log.error({ err: error, update: update.update_id }, "an update is left for the next start");
  }
}
