/** Telegram's bounds (Bot API 10.3); lengths are counted in UTF-16 units, never more than Telegram counts. */
export const PLAIN_CHARS_MAX = 4_096;
export const RICH_CHARS_MAX = 32_768;
export const CALLBACK_BYTES_MAX = 64;
