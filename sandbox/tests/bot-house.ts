/** The real bot between the simulated Telegram and the server's real routes and database; only the thinking is scripted. */
import { pino } from "pino";
import { startBot } from "@starai/bot/start-bot";
import type { BotMode, RunningBot } from "@starai/bot/start-bot";
import { createServerClient } from "@starai/server/client";
import { BOT_KEY, openTestThreads } from "@starai/server/threads/test-threads";
import { createThreadsApp } from "@starai/server/threads/test-app";
import { TOKEN, serveSimulator } from "./serve-simulator.ts";

/** Quick enough for tests, slow enough that several words fall into one draft. */
const PACES = { draft: { everyMs: 30, keepAliveMs: 400 }, edit: { everyMs: 60, keepAliveMs: null } };

export async function openBotHouse(mode: BotMode = { kind: "polling" }) {
  const threads = await openTestThreads();
  const simulator = await serveSimulator();
  const app = createThreadsApp(threads.ctx);
  const server = createServerClient({
    baseUrl: "http://127.0.0.1",
    botKey: BOT_KEY,
    fetch: (input, init) => app.request(input, init),
  });
  const start = (): Promise<RunningBot> =>
    startBot({
      token: TOKEN,
      apiRoot: simulator.base,
      server,
      mode,
      log: pino({ level: process.env.STARAI_LOG_LEVEL ?? "silent" }),
      paces: PACES,
    });
  let bot = await start();
  return {
    ...simulator,
    app,
    ctx: threads.ctx,
    runs: threads.runs,
    get bot() {
      return bot;
    },
    /** Stops the bot as a new version would, and starts it again. */
    async restartBot() {
      await bot.stop();
      bot = await start();
    },
    async calls(method: string) {
      const calls = (await (await fetch(`${simulator.base}/sim/calls`)).json()) as { method: string }[];
      return calls.filter((call) => call.method === method);
    },
    async draft(user: number) {
      const answer = await fetch(`${simulator.base}/sim/transcript?user=${user}`);
      return ((await answer.json()) as { draft: { text: string; rich: { markdown?: string } | null } | null }).draft;
    },
    async [Symbol.asyncDispose]() {
      await bot.stop();
      await simulator[Symbol.asyncDispose]();
      await threads[Symbol.asyncDispose]();
    },
  };
}
