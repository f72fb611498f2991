/** Lets a bot run: by polling, or behind a webhook. Usable inside another process; reads no environment. */
import type { Hono } from "hono";
import type { Bot } from "grammy";
import { GrammyError } from "grammy";
import type { Update } from "grammy/types";
import type { Logger } from "pino";
import type { ServerClient } from "@starai/server/client";
import { createBot } from "./bot.ts";
import type { BotContext, Paces } from "./context.ts";
import { introduce } from "./introduce.ts";
import { Inbox } from "./updates/inbox.ts";
import { ALLOWED_UPDATES, poll } from "./updates/poll.ts";
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
  mode: BotMode;
  log: Logger;
  paces?: Paces;
}

export interface RunningBot {
  username: string;
  /** In webhook mode: the route Telegram calls, to be mounted or served. */
  webhook?: Hono;
  /** Stops taking updates. Answers under way are left to the next start, which finds them in the inbox. */
  stop(): Promise<void>;
}

/** @throws when Telegram refuses the token, does not answer, or refuses the webhook */
export async function startBot(options: StartBotOptions): Promise<RunningBot> {
  const stopping = new AbortController();
  const bot = createBot({ ...options, stopping: stopping.signal });
  await initialise(bot);
  const inbox = new Inbox(options.server, bot.botInfo.id);
  void introduce(bot.api, options.log);
  const { username } = bot.botInfo;
  if (options.mode.kind === "polling") {
    await bot.api.deleteWebhook();
    const runner = poll({ api: bot.api, inbox, handle: (update) => handle(bot, update), log: options.log });
    return {
      username,
      stop: async () => {
        stopping.abort();
        await runner.stop();
      },
    };
  }
  const working = new Set<Promise<void>>();
  const accept = (updates: Update[]) => {
    for (const update of updates) {
      const work = handle(bot, update).finally(() => working.delete(work));
      working.add(work);
    }
  };
  const { url, secret } = options.mode;
  const webhook = webhookApp({ path: new URL(url).pathname, secret, inbox, accept });
  await bot.api.setWebhook(url, { secret_token: secret, allowed_updates: ALLOWED_UPDATES });
  for await (const updates of inbox.leftOver()) accept(updates);
  return {
    username,
    webhook,
    stop: async () => {
      stopping.abort();
      await Promise.allSettled(working);
    },
  };
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

async function handle(bot: Bot<BotContext>, update: Update): Promise<void> {
  try {
    await bot.handleUpdate(update);
  } catch (error) {
    await bot.errorHandler(error as Parameters<typeof bot.errorHandler>[0]);
  }
}
