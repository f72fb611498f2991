/** Limits on the length of what a person writes, in characters as JavaScript counts them. */

/** Telegram's rich messages are this long; its plain ones 4,096. */
export const TEXT_CHARS_MAX = 32_768;
/** A conversation's name: two lines of a phone. */
export const TITLE_CHARS_MAX = 120;
export const SEARCH_CHARS_MAX = 200;
