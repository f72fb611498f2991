/** Registers the bot's commands and descriptions in every language, and its menu button. A failure is harmless. */
import type { Api } from "grammy";
import type { Logger } from "pino";
import { LANGUAGES, translator } from "@starai/protocol/texts";
import { menuButton } from "./app-link.ts";
import { MENU_COMMANDS } from "./commands.ts";

export async function introduce(api: Api, { appUrl, log }: { appUrl: string | null; log: Logger }): Promise<void> {
  try {
    const shown = MENU_COMMANDS.filter((command) => command !== "app" || appUrl !== null);
    for (const language of LANGUAGES) {
      const t = translator(language);
      // English is registered as the default for all other languages.
      const to = language === "en" ? {} : { language_code: language };
      const commands = shown.map((command) => ({ command, description: t(`command.${command}`) }));
      await api.setMyCommands(commands, to);
      await api.setMyDescription(t("bot.description"), to);
      await api.setMyShortDescription(t("bot.short_description"), to);
    }
    await api.setChatMenuButton({ menu_button: menuButton(appUrl, translator("en")) });
  } catch (error) {
    log.warn({ err: error }, "Telegram did not take the bot's commands and descriptions; the bot works without");
  }
}
