/** The real bot between the simulated Telegram and the server's real routes and database; the model is scripted. */
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { startBot } from "@starai/bot/start-bot";
import type { BotMode } from "@starai/bot/start-bot";
import { createServerClient } from "@starai/server/client";
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import ru from "@starai/protocol/locales/ru.json" with { type: "json" };
import { createApp } from "@starai/server/app";
import { BOT_KEY, openTestThreads } from "@starai/server/testing/threads";
import type { FeedEvent } from "../src/telegram/event-feed.ts";
import { upsertPerson } from "../src/telegram/person.ts";
import type { DraftView, MessageView } from "../src/telegram/views.ts";
import { simulatedTelegram } from "../src/telegram/simulated-telegram.ts";
import { TOKEN, serveSimulator } from "./serve-simulator.ts";

/** Fast enough for tests, slow enough for several words in one draft. */
const PACES = {
  draft: { everyMs: 30, keepAliveMs: 400 },
  edit: { everyMs: 60, keepAliveMs: null },
  retry: { firstMs: 50, maxMs: 1_000 },
};
const SECRET = "the-secret-of-a-webhook-in-a-test-0123456789";
const PATIENCE_MS = 15_000;

const APP_URL = "https://starai.example/app/";

/** An answer in the server's place; null lets the request through. */
export type Intercept = (path: string, method: string) => Response | null;

export interface BotStackOptions {
  app?: boolean;
  /** Of the simulator, in ms. */
  clock?: () => number;
  support?: string;
}

export async function openBotStack({ app: hasApp = true, clock = Date.now, support }: BotStackOptions = {}) {
  const threads = await openTestThreads();
  const simulator = await serveSimulator({ clock });
  Object.assign(threads.ctx, { telegram: simulatedTelegram(simulator.simulator) });
  const seen: FeedEvent[] = [];
  simulator.simulator.telegram.feed.listen((event) => void seen.push(event));
  const app = createApp(threads.ctx);
  const server = createServerClient({
    baseUrl: "http://127.0.0.1",
    botKey: BOT_KEY,
    fetch: (input, init) =>
      stack.intercept?.(new URL(input).pathname, init?.method ?? "GET") ?? app.request(input, init),
  });
  const start = (mode: BotMode) =>
    startBot({
      token: TOKEN,
      apiRoot: simulator.base,
      server,
      mode,
      ...(hasApp ? { appUrl: APP_URL } : {}),
      ...(support === undefined ? {} : { support }),
      log: pino({ level: process.env.STARAI_LOG_LEVEL ?? "silent" }),
      paces: PACES,
    });
  let bot = await start({ kind: "polling" });
  const get = async <T>(path: string) => (await (await fetch(`${simulator.base}/sim/${path}`)).json()) as T;
  const count = async (sql: string) => Number((await threads.ctx.pg.query(sql)).rows[0].count);
  const stack = {
    ...simulator,
    /** The simulator's `transcript` and `until`, without the note under a chat's first answer. */
    transcript: async (chat: number) => (await simulator.transcript(chat)).map(withoutNote),
    until: async (chat: number, wish: (messages: MessageView[]) => boolean) =>
      (await simulator.until(chat, (messages) => wish(messages.map(withoutNote)))).map(withoutNote),
    /** The chat as its person sees it, with that note. */
    asSeen: (chat: number) => simulator.transcript(chat),
    ctx: threads.ctx,
    /** Set by a test: stands between bot and server. */
    intercept: null as Intercept | null,
    thinking: threads.thinking,
    join: threads.join,
    restartServer: threads.restart,
    server,
    token: TOKEN,
    appUrl: APP_URL,
    upsertPerson: (user: number) => upsertPerson(simulator.simulator.telegram, { user }),
    /** All events the simulator has emitted so far. */
    seen,
    calls: (method: string) => seen.filter((event) => event.type === "call" && event.call.method === method).length,
    /** The texts of the answers to taps. */
    tapAnswers: () => seen.flatMap((event) => (event.type === "callback" ? [event.text] : [])),
    draft: async (user: number) => (await get<{ draft: DraftView | null }>(`transcript?user=${user}`)).draft,
    card: (user: number) =>
      get<{ commands: { command: string }[]; description: string; menuButton: { type: string; text?: string } }>(
        `bot?user=${user}`,
      ),
    /** Waits for a menu button with this text, or for the list of commands (`null`) once the bot has set it. */
    untilMenu: (words: string | null) =>
      until(async () => {
        const { menuButton } = await stack.card(1);
        return words === null
          ? stack.calls("setChatMenuButton") > 0 && menuButton.type === "commands"
          : menuButton.text === words;
      }),
    /** Resolves when no run is running. */
    untilAnswered: () => until(async () => (await count("select count(*) from runs where status = 'running'")) === 0),
    /** Resolves when no question of the app is still to be mirrored. */
    untilMirrored: () => until(async () => (await count("select count(*) from runs where mirrored")) === 0),
    running: async (user: number) => {
      const answer = await server.api.chats[":chat"].running.$get({ param: { chat: `telegram:${user}` } });
      return answer.json();
    },
    /** A tap as a modified client could send it: any data, whether or not the button exists. */
    press(user: number, data: string) {
      const { telegram } = simulator.simulator;
      const from = upsertPerson(telegram, { user });
      const chat = { id: user, type: "private" as const, first_name: from.first_name };
      const message = { message_id: 1, date: 1, chat, text: "any" };
      const id = telegram.callbacks.open(user, user);
      telegram.updates.push("callback_query", { id, from, message, chat_instance: "1", data });
    },
    untilDraft: (user: number, text: string) =>
      until(async () => (await stack.draft(user))?.text.includes(text) === true),
    untilStored: (updates: number) => until(async () => (await count("select count(*) from updates")) >= updates),
    untilHandled: () => until(async () => (await count("select count(*) from updates where handled_at is null")) === 0),
    /** Stops and restarts the bot, as a deployment does. */
    async restartBot() {
      await bot.stop();
      bot = await start({ kind: "polling" });
    },
    async whileBotIsAway(happens: () => Promise<void>) {
      await bot.stop();
      await happens();
      bot = await start({ kind: "polling" });
    },
    /** Replaces the polling bot with one behind a webhook. */
    async webhookBot(url = "https://bot.example/telegram") {
      await bot.stop();
      bot = await start({ kind: "webhook", url, secret: SECRET });
      const app = bot.webhook;
      if (!app) throw new Error("the webhook bot has no route");
      const headers = { "x-telegram-bot-api-secret-token": SECRET };
      const path = new URL(url).pathname;
      return {
        app,
        secret: SECRET,
        deliver: (update: object) => app.request(path, { method: "POST", headers, body: JSON.stringify(update) }),
        stop: () => bot.stop(),
      };
    },
    async [Symbol.asyncDispose]() {
      await bot.stop();
      await simulator[Symbol.asyncDispose]();
      await threads[Symbol.asyncDispose]();
    },
  };
  return stack;
}

const NOTES = [en, ru].map((texts) => `\n\n*${texts["chat.may_be_wrong"]}*`);

function withoutNote(message: MessageView): MessageView {
  const note = NOTES.find((one) => message.text.endsWith(one));
  if (note === undefined) return message;
  const cut = (text: string) => (text.endsWith(note) ? text.slice(0, -note.length) : text);
  const markdown = message.rich?.markdown;
  const rich = markdown === undefined ? message.rich : { ...message.rich, markdown: cut(markdown) };
  return { ...message, text: cut(message.text), rich };
}

async function until(wish: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await wish())) {
    if (Date.now() > end) throw new Error("timed out waiting for the condition");
    await sleep(20);
  }
}
