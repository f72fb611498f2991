import { expect, test } from "vitest";
import { pageText } from "./page-text.ts";
import { readPageText } from "./read-page-text.ts";

test("a page becomes text: scripts, styles and comments are gone, entities are read", () => {
  const html = `<html><head><title>A &amp; B</title><style>p{}</style></head><body><script>steal()</script><!-- hidden <b> -->
    <h1>Hello</h1><p>Tea&nbsp;&mdash; 5&#8364; &lt;cheap&gt;</p><p>Second</p></body></html>`;
  expect(pageText(html)).toEqual({ title: "A & B", text: "Hello\nTea — 5€ <cheap>\nSecond" });
});

test.each([
  ["scripts with markup in them", "<script>if (a</b/.x) '<p>no</p>'</script>yes", "yes"],
  ["pictures drawn in markup, one in another", "<svg><title>no</title><svg><text>no</text></svg>no</svg>yes", "yes"],
  ["a picture that is empty", "<svg/>yes", "yes"],
  ["templates", "<template><p>no<template>no</template>no</template>yes", "yes"],
  ["attributes with markup in them", `<p title="<b>no</b>" data-x='>'>yes</p>`, "yes"],
  ["comments never closed", "yes<!-- no <p>no", "yes"],
  ["tags never closed", "<p>one<p>two<br>three <b>four", "one\ntwo\nthree four"],
  ["tables and lists", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</table><ul><li>d<li>e</ul>", "a b\nc\nd\ne"],
  ["entities that are none", "a &nosuch; &#0; &#xD800; b & c", "a &nosuch; \uFFFD \uFFFD b & c"],
  ["no markup at all", "  just\n\n text  ", "just\ntext"],
])("what is read of %s is what a person would", (_what, html, text) => {
  expect(pageText(html).text).toBe(text);
});

test("only the beginning of a long page is kept", () => {
  const { title, text } = pageText(`<title>${"t".repeat(9_999)}</title>${"<p>word </p>".repeat(9_999)}`);
  expect(title).toBe("t".repeat(300));
  expect(text.length).toBeLessThanOrEqual(4_000);
  expect(text.startsWith("word\nword\n")).toBe(true);
});

const BYTES = 2 * 1024 * 1024;
const HOSTILE = ["</p ", "<br ", "<style ", "<svg>", "<!--", "<a b='", "&", "<title>", " \n", "<script><!--<script"];

test.each([
  ...HOSTILE.map((part) => ({ made: `of ${JSON.stringify(part)}`, html: part.repeat(BYTES / part.length) })),
  { made: "of attributes", html: `<p ${Array.from({ length: 200_000 }, (_, at) => `name${at}`).join(" ")}` },
])(
  "a page of 2 MB $made is read, and the loop goes round meanwhile",
  async ({ html }) => {
    let turns = 0;
    const count = setInterval(() => turns++, 1);
    // A reader that looks ahead from every tag would need most of an hour.
    const { text } = await readPageText(html, undefined, 30_000);
    clearInterval(count);
    expect(text.length).toBeLessThanOrEqual(4_000);
    expect(turns).toBeGreaterThan(5);
  },
  60_000,
);

test("a page that takes too long is abandoned, and the model gets advice on what to say", async () => {
  await expect(readPageText("<p>".repeat(100_000), undefined, 1)).rejects.toThrow("too tangled");
  await expect(readPageText("<p>", AbortSignal.abort())).rejects.toThrow("too tangled");
});

test("eight pages are read at once and not a ninth, until one is done", { timeout: 60_000 }, async () => {
  const tries = await Promise.allSettled(
    Array.from({ length: 9 }, (_, at) => readPageText(`<p>${at}`, undefined, 60_000)),
  );
  const read = tries.map((tried) => (tried.status === "fulfilled" ? tried.value.text : String(tried.reason)));
  expect(read.slice(0, 8)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7"]);
  expect(read[8]).toContain("many pages are being read");
  expect(await readPageText("<p>again")).toEqual({ title: "", text: "again" });
});
