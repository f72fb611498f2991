/**
 * Hides API keys in a text that somebody else may read: an error's message, a line of a log. People send their key in
 * wrong places (an address, a model's name, a question to the wrong member), and what quotes it would spread it. Pure.
 */

/** A key or its beginning, also as an address escapes it. */
const KEY = /sk(?:-|%(?:25)*2d)starai(?:-|%(?:25)*2d)[\w%-]+/gi;
const HIDDEN = "sk-starai-[hidden]";

export function hideKeys(text: string): string {
  return text.replace(KEY, HIDDEN);
}
