/**
 * Makes an answer's formulas readable in a chat, which shows LaTeX source: as characters if they can express
 * it, else as code, which Telegram leaves unchanged. Prices, shell variables and code are left alone.
 */
import { FUNCTIONS } from "./formula-symbols.ts";
import { formulaText } from "./formula-text.ts";
import { segments } from "./markdown-code.ts";

/** The length is bounded, so that an unclosed mark costs only a bounded look-ahead. */
const BLOCK = /(?<!\\)\$\$(?!\$)([^$]{1,2000}?)(?<!\\)\$\$|\\\[([^$]{1,2000}?)\\\]/g;
const INLINE = /\\\(([^\n$]{1,500}?)\\\)|(?<![\\$\w])\$(?![\s$])([^$\n]{0,499}[^\s$\\])\$(?![\w$])/g;

export function readableFormulas(markdown: string): string {
  if (!/\$|\\[([]/.test(markdown)) return markdown;
  // A formula may span lines, so the text between two code blocks is read as a whole.
  let prose = "";
  let out = "";
  for (const segment of segments(markdown)) {
    if (segment.kind === "prose") prose += segment.text;
    else {
      out += readable(prose) + segment.text;
      prose = "";
    }
  }
  return out + readable(prose);
}

function readable(prose: string): string {
  return prose
    .replace(BLOCK, (whole: string, dollars?: string, brackets?: string) => {
      const latex = withoutMarks(dollars ?? brackets ?? "");
      return dollars !== undefined || isFormula(latex) ? shown(latex, whole) : whole;
    })
    .replace(INLINE, (whole: string, brackets?: string, dollars?: string) => {
      const latex = brackets ?? dollars ?? "";
      return isFormula(latex) ? shown(latex, whole) : whole;
    });
}

/** Each line of a formula in a quote carries the quote's mark. */
function withoutMarks(latex: string): string {
  return latex.replace(/\n[ \t]*(?:>[ \t]?)+/g, "\n").trim();
}

function shown(latex: string, whole: string): string {
  const text = formulaText(latex);
  if (text !== null && !text.includes("\n")) return text.replace(/[\\`]/g, "\\$&");
  const code = text ?? latex.trim();
  if (code.includes("`")) return whole;
  // Inline spans line by line: a code block would need the marks of its quotes and items repeated.
  return code
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => `\`${line}\``)
    .join("  ");
}

/** Whether the text between two dollar signs, or in escaped brackets, is mathematics rather than words or prices. */
function isFormula(latex: string): boolean {
  if (/\\[A-Za-z]|[\^_]\{|[\p{L}\p{N})]\^[\p{L}\p{N}]/u.test(latex)) return true;
  if (/[€£¥₽"«»]/.test(latex)) return false;
  const words = latex.match(/\p{L}{2,}/gu) ?? [];
  if (words.some((word) => !FUNCTIONS.has(word) && !/^[a-z]{2}$/.test(word))) return false;
  if (/^[A-Za-zα-ωΑ-Ω]['′]?$/u.test(latex)) return true;
  const letter = /\p{L}/u.test(latex);
  return letter ? /[=<>≤≥+\-*/^_(),|]|\d\p{L}|\p{L}\d/u.test(latex) : /[=<>≤≥^]/.test(latex);
}
