/** A web page as plain text: no scripts, no styles, no markup, blank space folded. */

const BLOCKS = /<(script|style|noscript|template|svg|iframe|head)\b[^>]*>[\s\S]*?<\/\1\s*>/giu;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  mdash: "—",
  ndash: "–",
  hellip: "…",
  laquo: "«",
  raquo: "»",
  copy: "©",
};

export function pageText(html: string): { title: string; text: string } {
  const title = plain(/<title\b[^>]*>([\s\S]*?)<\/title/iu.exec(html)?.[1] ?? "");
  const body = html
    .replace(/<!--[\s\S]*?(?:-->|$)/gu, " ")
    .replace(BLOCKS, " ")
    .replace(/<(?:br|\/p|\/div|\/li|\/h[1-6]|\/tr|\/section|\/article)\b[^>]*>/giu, "\n");
  return { title, text: plain(body) };
}

function plain(markup: string): string {
  return markup
    .replace(/<[^<>]*>/gu, " ")
    .replace(/&(#x?[\da-f]{1,6}|[a-z]{2,8});/giu, (whole, name: string) => entity(name) ?? whole)
    .replace(/[^\S\n]+/gu, " ")
    .replace(/\s*\n\s*/gu, "\n")
    .trim();
}

function entity(name: string): string | undefined {
  if (!name.startsWith("#")) return ENTITIES[name.toLowerCase()];
  const code = /^#x/iu.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return Number.isInteger(code) && code > 31 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : undefined;
}
