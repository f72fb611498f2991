/** The commands there are; BotFather's list of them, the menu, shows the first ones. */

/** In the order they are offered. */
export const MENU_COMMANDS = ["new", "stop", "settings", "app", "help", "privacy", "start"] as const;

/** Those that do something here, for a sentence. */
export function commandsLine(appUrl: string | null): string {
  return MENU_COMMANDS.filter((command) => command !== "app" || appUrl !== null)
    .map((command) => `/${command}`)
    .join(" ");
}
