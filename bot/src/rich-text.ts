/** Extracts the text of a rich message, the form in which Telegram returns an answer sent as Markdown. */

/** Greatest nesting of blocks that is read; real messages are far shallower. */
const DEPTH_MAX = 32;

/** One line for each block, item and row. Never throws; blocks of unknown shape give an empty text. */
export function richText(blocks: unknown): string {
  return blockTexts(blocks, DEPTH_MAX).join("\n");
}

function blockTexts(blocks: unknown, depth: number): string[] {
  if (!Array.isArray(blocks) || depth === 0) return [];
  return blocks.flatMap((block: unknown) => {
    const { summary, text, expression, blocks: inner, items, cells } = fieldsOf(block);
    const own = [summary, text, expression].map((part) => pieces(part, depth));
    return [...own, ...blockTexts(inner, depth - 1), ...blockTexts(items, depth - 1), ...rowTexts(cells, depth)].filter(
      (line) => line.trim() !== "",
    );
  });
}

function rowTexts(rows: unknown, depth: number): string[] {
  if (!Array.isArray(rows)) return [];
  return rows.map((row: unknown) =>
    Array.isArray(row) ? row.map((cell: unknown) => pieces(fieldsOf(cell).text, depth)).join(" | ") : "",
  );
}

/** Text of the pieces of one line, each of which may be formatted. */
function pieces(value: unknown, depth: number): string {
  if (typeof value === "string") return value;
  if (depth === 0) return "";
  if (Array.isArray(value)) return value.map((piece) => pieces(piece, depth - 1)).join("");
  const { text, expression, alternative_text } = fieldsOf(value);
  return pieces(text ?? expression ?? alternative_text ?? "", depth - 1);
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
