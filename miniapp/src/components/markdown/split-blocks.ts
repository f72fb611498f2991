/**
 * Splits Markdown into blocks that are rendered separately, so that a growing answer renders only its last one again.
 *
 * Splits before a line that begins at the margin after an empty one, outside code and formulas. What such a line begins
 * — a paragraph, a heading, a list, a table, a fence — does not depend on what is above, except that a continued list
 * becomes a second list with its own first number.
 */

/** References can be used before they are defined, so a text with definitions is one block. */
const DEFINITION = /^ {0,3}\[[^\]\n]+\]:\s/m;
const FENCE = /^ {0,3}(`{3,}|~{3,})([^`]*)$/;

/** The blocks, which join to the original text. Only the last one can change when the text grows by whole lines. */
export function splitBlocks(text: string): string[] {
  if (DEFINITION.test(text)) return [text];
  const blocks: string[] = [];
  let begin = 0;
  let open: string | null = null;
  let afterEmpty = false;
  for (let at = 0; at < text.length;) {
    const end = text.indexOf("\n", at);
    const next = end === -1 ? text.length : end + 1;
    const line = text.slice(at, end === -1 ? text.length : end);
    if (open === null && afterEmpty && /^\S/.test(line)) {
      blocks.push(text.slice(begin, at));
      begin = at;
    }
    open = openAfter(line, open);
    afterEmpty = line.trim() === "";
    at = next;
  }
  if (begin < text.length) blocks.push(text.slice(begin));
  return blocks;
}

/** The mark that closes what is open after this line: a code fence, `$$` or `\]`; null when nothing is open. */
function openAfter(line: string, open: string | null): string | null {
  if (open === "$$") return /\$\$\s*$/.test(line) ? null : open;
  if (open === "\\]") return line.includes("\\]") ? null : open;
  const mark = FENCE.exec(line);
  if (open !== null) {
    const closes = mark && mark[1]?.startsWith(open) === true && mark[2]?.trim() === "";
    return closes ? null : open;
  }
  if (mark) return mark[1] ?? null;
  if (/^\s*\$\$(?!.*\$\$)/.test(line)) return "$$";
  if (/^\s*\\\[(?!.*\\\])/.test(line)) return "\\]";
  return null;
}

/** The code of a block that is one unclosed code fence, which can be rendered without Markdown; null otherwise. */
export function openFence(block: string): { language: string; code: string } | null {
  const [first = "", ...lines] = block.split("\n");
  const mark = FENCE.exec(first);
  if (!mark || lines.length === 0) return null;
  const fence = mark[1] ?? "";
  const closed = lines.some((line) => {
    const end = FENCE.exec(line);
    return end?.[1]?.startsWith(fence) === true && end[2]?.trim() === "";
  });
  return closed ? null : { language: mark[2]?.trim().split(/\s/)[0] ?? "", code: lines.join("\n") };
}
