import { expect, test } from "vitest";
import { plainText } from "./plain-text.ts";

test.each([
  ["For **small models** the `second` card is ~~not~~ faster", "For small models the second card is not faster"],
  ["## Day 1\n\n- a walk\n- *lunch*", "Day 1 a walk lunch"],
  ["| Card | Speed |\n|---|---:|\n| RTX | 38 |", "Card Speed RTX 38"],
  ["See [the map](https://example.org) ![cat](x.png)", "See the map cat"],
  ["```ts\nconst a = 1\n```", "const a = 1"],
  ["2 * 3 * 4 = 24, a_b_c, 5 - 3", "2 * 3 * 4 = 24, a_b_c, 5 - 3"],
])("%j is read as words", (markdown, words) => {
  expect(plainText(markdown)).toBe(words);
});
