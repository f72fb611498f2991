/**
 * Markdown cut into blocks that can be drawn one by one, so that a growing answer only draws its last one again.
 *
 * A cut is made before a line that begins at the margin after an empty one, outside code and formulas. What such a
 * line begins — a paragraph, a heading, a list, a table, a fence — has nothing to do with what stands above, except
 * that a list goes on as a second list with its own first number.
 */

/** References can be used before they are defined, so a text that has any is one block. */
const DEFINITION = /^ {0,3}\[[^\]\n]+\]:\s/m;
const FENCE = /^ {0,3}(`{3,}|~{3,})([^`]*)$/;

/** The blocks, which put together are the text again. Only the last one can change when the text grows by whole lines. */
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

/** The mark that would close what is open after this line: a fence of code, `$$` or `\]`; null when nothing is. */
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

/** The code of a block that is one fence still being written, which needs no Markdown to be drawn; null otherwise. */
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
