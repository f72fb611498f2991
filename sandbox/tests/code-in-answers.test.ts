/** Code in the bot's answers, read by an independent Markdown parser: every character is as the model wrote it. */
import * as fc from "fast-check";
import { lexer } from "marked";
import type { Token, Tokens } from "marked";
import { describe, expect, test } from "vitest";
import { richParts } from "@starai/bot/streaming/safe-markdown";
import { telegramHtml } from "@starai/bot/streaming/telegram-html";
import { blocksFromMarkdown } from "../src/telegram/rich/blocks-from-markdown.ts";

const sent = (markdown: string) => richParts(markdown).map(({ safe }) => safe);

/** All code blocks of the sent messages, as the simulated Telegram reads them. */
function codeIn(markdown: string): string[] {
  const found: string[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("type" in value && value.type === "pre" && "text" in value) found.push(String(value.text));
    else Object.values(value).forEach(look);
  };
  for (const part of sent(markdown)) look(blocksFromMarkdown(part));
  return found;
}

/** The containers around each block of code, outermost first. */
function nestingIn(tokens: readonly Token[], around: string[] = []): string[][] {
  return tokens.flatMap((token) => {
    if (token.type === "code" || (token.type === "html" && token.raw.includes("<pre>"))) return [around];
    if (token.type === "blockquote") return nestingIn((token as Tokens.Blockquote).tokens, [...around, "quote"]);
    if (token.type !== "list") return [];
    return (token as Tokens.List).items.flatMap((item) => nestingIn(item.tokens, [...around, "item"]));
  });
}

const INPUTS: [what: string, markdown: string, code: string][] = [
  [
    "a list item",
    '1. Create `index.html`:\n\n    ```html\n    <div class="a">Hi</div>\n    ```\n\n2. Open it.',
    '<div class="a">Hi</div>',
  ],
  ["a quote", "> ```js\n> handlers[name](arg)\n> ```", "handlers[name](arg)"],
  ["an item begun by its fence", "- ```html\n  <b>x</b>\n\n  <i>\n  ```\n- next", "<b>x</b>\n\n<i>"],
  ["a fence indented a little", "   ```html\n   <b>\n     <i>\n   ```", "<b>\n  <i>"],
  ["an indented block", "Run:\n\n    <b>\n\n      [x](y)\n\nDone.", "<b>\n\n  [x](y)"],
  ["a list in a quote in a list", "1. a\n   > - b\n   >\n   >   ~~~\n   >   ![x](tg://y)\n   >   ~~~", "![x](tg://y)"],
];

test.each(INPUTS)("code in %s is what a person copies, unchanged", (_where, markdown, code) => {
  expect(codeIn(markdown)).toEqual([code]);
  expect(telegramHtml(markdown)).toContain(
    `>${code.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;")}</`,
  );
});

const around = (markdown: string) => nestingIn(lexer(sent(markdown).join("\n\n")));

test("code stays in the list and the quote it was written in", () => {
  expect(around(INPUTS[0]![1])).toEqual([["item"]]);
  expect(around(INPUTS[1]![1])).toEqual([["quote"]]);
  expect(around(INPUTS[5]![1])).toEqual([["item", "quote", "item"]]);
});

/** Arbitrary code, with characters that are special in Markdown and HTML. */
const piece = fc.constantFrom(
  "<div>",
  "</pre>",
  "](",
  "![",
  "]:",
  "a",
  "&lt;",
  "`",
  "*",
  "_",
  "$x$",
  "\\",
  "  ",
  "> ",
  "- ",
  "1. ",
  "#",
  "|",
);
const codeLine = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => `x${pieces.join("")}x`);
const codeLines = fc.array(fc.oneof({ weight: 5, arbitrary: codeLine }, fc.constant("")), {
  minLength: 1,
  maxLength: 6,
});
const container = fc.constantFrom("- ", "* ", "1. ", "10. ", "> ");
const fence = fc.constantFrom("```", "~~~", "````");
const nested = fc.tuple(
  fc.array(container, { maxLength: 4 }),
  fence,
  fc.constantFrom("", "html", "c++"),
  codeLines,
  fc.boolean(),
);

/** An answer with the code in these containers, starting with words or with the code itself. */
function written([containers, mark, language, code, words]: [string[], string, string, string[], boolean]): string {
  const lines = [...(words ? ["Words:", ""] : []), `${mark}${language}`, ...code, mark];
  const first = containers.join("");
  const later = containers.map((one) => (one === "> " ? "> " : " ".repeat(one.length))).join("");
  return lines.map((line, at) => `${at === 0 ? first : later}${line}`).join("\n");
}

describe("code in nested containers", () => {
  test("code is sent unchanged", () => {
    fc.assert(
      fc.property(nested, (answer) => {
        const code = answer[3].join("\n");
        expect(codeIn(written(answer)).map((found) => found.replace(/\n+$/, ""))).toEqual([code.replace(/\n+$/, "")]);
      }),
      { numRuns: 600 },
    );
  });

  test("code too long for one message loses no line, and no mark of its containers becomes part of it", () => {
    fc.assert(
      fc.property(nested, fc.nat(3), ([containers, mark, language, _code, words], acts) => {
        const code = Array.from({ length: 6_000 }, (_, at) => (acts === 0 && at === 7 ? "<b>" : `line(${at})`));
        expect(
          codeIn(written([containers, mark, language, code, words])).flatMap((found) =>
            found.replace(/\n$/, "").split("\n"),
          ),
        ).toEqual(code);
      }),
      { numRuns: 12 },
    );
  });
});
