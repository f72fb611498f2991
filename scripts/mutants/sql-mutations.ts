/** Small faults in the SQL of a template literal: one comparison, one join of conditions, one sign or one lock changed. */
import ts from "typescript";

/** A part of a text, and what stands there instead. */
export interface TextChange {
  readonly start: number;
  readonly end: number;
  readonly to: string;
}

const STATEMENT = /^`\s*(with|select|insert|update|delete)\b/;

/** Each finds its fault with the spaces around it; `=` counts only where it compares. */
const FAULTS: readonly [RegExp, string][] = [
  [/\sand\s/g, " or "],
  [/\sor\s/g, " and "],
  [/\sis null\b/g, " is not null"],
  [/\sis not null\b/g, " is null"],
  [/(?<=\b(?:where|and|or|on|when) [\w.]+) = /g, " <> "],
  [/ <> /g, " = "],
  [/ < /g, " <= "],
  [/ <= /g, " < "],
  [/ > /g, " >= "],
  [/ >= /g, " > "],
  [/ \+ /g, " - "],
  [/ - /g, " + "],
  [/\bnot(?= \w+ then)/g, ""],
  [/ for no key update\b/g, ""],
];

/** Changes of a template literal that is a statement; none of any other node. */
export function sqlChangesOf(node: ts.Node): TextChange[] {
  const parts = partsOf(node);
  if (!parts[0] || !STATEMENT.test(parts[0].getText())) return [];
  return parts.flatMap((part) => {
    const [text, from] = [part.getText(), part.getStart()];
    return FAULTS.flatMap(([fault, to]) =>
      [...text.matchAll(fault)].map((match) => {
        const start = from + match.index;
        return { start, end: start + match[0].length, to };
      }),
    );
  });
}

function partsOf(node: ts.Node): ts.Node[] {
  if (ts.isNoSubstitutionTemplateLiteral(node)) return [node];
  return ts.isTemplateExpression(node) ? [node.head, ...node.templateSpans.map(({ literal }) => literal)] : [];
}
