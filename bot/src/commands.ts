/** The bot's commands; the menu in Telegram shows the first ones. */

/** In the order they are offered. */
export const MENU_COMMANDS = ["new", "stop", "settings", "app", "help", "privacy", "start"] as const;

/** The available commands, joined for a sentence. */
export function commandsLine(appUrl: string | null): string {
  return MENU_COMMANDS.filter((command) => command !== "app" || appUrl !== null)
    .map((command) => `/${command}`)
    .join(" ");
}
