/** Where the bot is, for people who are not inside Telegram. */

/** Null until the server has said which bot it is. */
export function useBotLink(): string | null {
  return null;
}
