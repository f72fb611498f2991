/**
 * Formulas as models write them — `\(x\)`, `\[x\]`, `$x$`, `$$x$$` — converted to the one form the Markdown parser reads,
 * `$$x$$`. Single dollars follow pandoc's rule: no space inside the pair and no digit after it, so that
 * "from $5 to $10" stays a price.
 */
const CODE = /(`{3,}|~{3,})[\s\S]*?(?:\1|$)|(`+)[^`][\s\S]*?\2(?!`)/g;
/** A formula contains no other opening mark, so that matching stays linear in text full of unclosed ones. */
const ROUND = /\\\(((?:(?!\\\()[\s\S])+?)\\\)/g;
const SQUARE = /\\\[((?:(?!\\\[)[\s\S])+?)\\\]/g;
const INLINE = /(?<![\\$])\$(?![\s$])((?:[^$\\\n]|\\.)+?)(?<!\s)\$(?![\d$])/g;

export function withFormulas(text: string): { text: string; has: boolean } {
  if (!/\$|\\[([]/.test(text)) return { text, has: false };
  let made = "";
  let at = 0;
  for (const code of text.matchAll(CODE)) {
    made += formulasIn(text.slice(at, code.index)) + code[0];
    at = code.index + code[0].length;
  }
  made += formulasIn(text.slice(at));
  return { text: made, has: made.includes("$$") };
}

function formulasIn(words: string): string {
  return words
    .replaceAll(ROUND, (_, inside: string) => `$$${inside.trim()}$$`)
    .replaceAll(SQUARE, (_, inside: string) => `\n$$\n${inside.trim()}\n$$\n`)
    .replaceAll(INLINE, (_, inside: string) => `$$${inside}$$`);
}
