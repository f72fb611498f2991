/** The bot's commands; the menu in Telegram shows the first ones. */

/** In the order they are offered. */
export const MENU_COMMANDS = [
  "new",
  "stop",
  "balance",
  "topup",
  "keys",
  "caps",
  "settings",
  "app",
  "help",
  "privacy",
  "terms",
  "paysupport",
  "start",
] as const;

/** About money: they read nothing of the conversation, so that they need not wait for its answers. */
export const MONEY_COMMANDS = ["balance", "topup", "keys", "caps", "terms", "paysupport"] as const;

/** The available commands, joined for a sentence. */
export function commandsLine(appUrl: string | null): string {
  return MENU_COMMANDS.filter((command) => command !== "app" || appUrl !== null)
    .map((command) => `/${command}`)
    .join(" ");
}
