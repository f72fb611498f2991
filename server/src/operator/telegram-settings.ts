/** Which Bot API an operator's command may ask, by its environment. */
import { Env } from "../config.ts";
import { openTelegram } from "../stars/telegram.ts";
import type { StarsApi } from "../stars/telegram.ts";

const Settings = Env.pick({ BOT_TOKEN: true, BOT_API_ROOT: true });

/** Null without BOT_TOKEN. @throws a sentence for one that is no token */
export function telegramOf(env: NodeJS.ProcessEnv): StarsApi | null {
  const settings = Settings.safeParse(env);
  if (!settings.success)
    throw new Error("BOT_TOKEN or BOT_API_ROOT cannot be read: set them as for the server, or leave them out.");
  const { BOT_TOKEN, BOT_API_ROOT } = settings.data;
  return openTelegram({ botToken: BOT_TOKEN ?? null, botApiRoot: BOT_API_ROOT });
}
