/** Tells Telegram the bot's commands and descriptions in every language. Its failure costs nothing but polish. */
import type { Api } from "grammy";
import type { Logger } from "pino";
import { LANGUAGES, createTexts } from "./texts.ts";

export const COMMANDS = ["new", "model", "help", "privacy", "start"] as const;

export async function introduce(api: Api, log: Logger): Promise<void> {
  const texts = createTexts();
  try {
    for (const language of LANGUAGES) {
      const t = texts.in(language);
      // English is what people of every other language get.
      const to = language === "en" ? {} : { language_code: language };
      const commands = COMMANDS.map((command) => ({ command, description: t(`command.${command}`) }));
      await api.setMyCommands(commands, to);
      await api.setMyDescription(t("bot.description"), to);
      await api.setMyShortDescription(t("bot.short_description"), to);
    }
  } catch (error) {
    log.warn({ err: error }, "Telegram did not take the bot's commands and descriptions; the bot works without");
  }
}
