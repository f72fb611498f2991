import { expect, test } from "vitest";
import { isEmojiOnly } from "./emoji-only.ts";

test.each(["👍", "❤️ 🔥", "👨‍👩‍👧‍👦🇷🇺👋🏽"])("%s is shown large", (text) => {
  expect(isEmojiOnly(text)).toBe(true);
});
test.each(["", "1", "ok 👍", "👍👍👍👍", "#"])("%s is not", (text) => {
  expect(isEmojiOnly(text)).toBe(false);
});
