/** `npm run bot`: the production bot, set up by its environment (.env.example describes it). */
import { serve } from "@hono/node-server";
import { pino } from "pino";
import { endOnFault } from "@starai/protocol/end-on-fault";
import { logOptions } from "@starai/protocol/log-options";
import { settingsOr, startFault } from "@starai/protocol/start-fault";
import { createServerClient } from "@starai/server/client";
import { readBotConfig } from "./config.ts";
import { startBot } from "./start-bot.ts";

const config = settingsOr(endWith, () => readBotConfig(process.env));
const log = pino(logOptions(config.logLevel));
const server = createServerClient({ baseUrl: config.serverUrl, botKey: config.botKey });
const bot = await startBot({
  token: config.token,
  apiRoot: config.apiRoot,
  server,
  ...(config.appUrl === null ? {} : { appUrl: config.appUrl }),
  ...(config.support === null ? {} : { support: config.support }),
  mode: config.mode,
  log,
}).catch(failed);
const http = bot.webhook && serve({ fetch: bot.webhook.fetch, hostname: config.http.host, port: config.http.port });
if (http)
  http.once("error", (error: NodeJS.ErrnoException) =>
    failed(
      error.code === "EADDRINUSE" ? new Error(`Port ${config.http.port} is taken: set PORT to a free one.`) : error,
    ),
  );
log.info({ bot: `@${bot.username}`, mode: config.mode.kind }, "the bot is ready");

endOnFault(process, { log, close: () => bot.stop() });

let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info("stopping: answers under way are delivered by the next start; a second signal stops at once");
    http?.close();
    void bot.stop().then(() => process.exit(0));
  });

function failed(why: unknown): never {
  const { facts, words } = startFault(why);
  log.fatal(facts, words);
  process.exit(1);
}

function endWith(words: string): never {
  process.stderr.write(`${words}\n`);
  process.exit(1);
}
