/** Writes parsed grammar back as text that both `parse-gbnf.ts` and llama.cpp read. */
import type { CharRanges, GbnfElement, GbnfSequence } from "./parse-gbnf.ts";

/** How a rule is called in the text that is written. */
export type NameOf = (rule: string) => string;

export function writeAlternatives(alternatives: readonly GbnfSequence[], nameOf: NameOf): string {
  return alternatives.map((sequence) => writeSequence(sequence, nameOf)).join(" | ");
}

/** Characters one after the other become one literal; nothing at all becomes an empty one. */
export function writeSequence(sequence: GbnfSequence, nameOf: NameOf): string {
  const parts: string[] = [];
  let literal = "";
  const endLiteral = () => {
    if (literal !== "") parts.push(`"${literal}"`);
    literal = "";
  };
  for (const element of sequence) {
    const only = onlyCharacter(element);
    if (only !== null) {
      literal += writeCharacter(only, IN_LITERAL);
      continue;
    }
    endLiteral();
    parts.push(writeElement(element, nameOf));
  }
  endLiteral();
  return parts.join(" ") || '""';
}

function writeElement(element: GbnfElement, nameOf: NameOf): string {
  switch (element.kind) {
    case "chars":
      return writeClass(element.ranges);
    case "rule":
      return nameOf(element.name);
    case "group":
      return `(${writeAlternatives(element.alternatives, nameOf)})`;
    case "repeat": {
      const [first, ...more] = element.inner;
      const isOne = first !== undefined && first.kind !== "repeat" && more.length === 0;
      const inner = isOne ? writeElement(first, nameOf) : `(${writeSequence(element.inner, nameOf)})`;
      return `${inner}${writeTimes(element.min, element.max)}`;
    }
  }
}

function writeTimes(min: number, max: number | null): string {
  if (max === null) return min === 0 ? "*" : min === 1 ? "+" : `{${min},}`;
  if (min === 0 && max === 1) return "?";
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

function writeClass(ranges: CharRanges): string {
  const parts = ranges.map(([from, to]) => {
    const first = writeCharacter(from, IN_CLASS);
    return from === to ? first : `${first}-${writeCharacter(to, IN_CLASS)}`;
  });
  return `[${parts.join("")}]`;
}

function onlyCharacter(element: GbnfElement): number | null {
  if (element.kind !== "chars" || element.ranges.length !== 1) return null;
  const [from, to] = element.ranges[0]!;
  return from === to ? from : null;
}

/** What would be read as a mark of the grammar, ends a line or is not to be seen: written by its number. */
const IN_LITERAL = /["\\\p{C}]/u;
const IN_CLASS = /[\^\-[\]\\\p{C}]/u;

function writeCharacter(code: number, byNumber: RegExp): string {
  const character = String.fromCodePoint(code);
  if (!byNumber.test(character)) return character;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
