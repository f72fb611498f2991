/**
 * How a text may begin, for strings of our own schemas. Each opening is said three times with one meaning: as grammar, as
 * a check, and as a pattern of the few signs that engines' own readers of patterns know.
 *
 * `"x-opening": "cyrillic"`: no Latin letter stands before the first Cyrillic one, so that a small model answers in the
 * script of the question. A text without letters fits, and so does one that begins with a block of code.
 * `"x-opening": "letter"`: the first character is a letter.
 */
import type { GbnfRules } from "./gbnf-rules.ts";
import type { Opening } from "./shape.ts";

export const OPENING = "x-opening";

/** Figures, signs and white space before the first letter. With more room a model that wants Latin letters goes on in figures. */
const LEAD_MAX = 24;
const LATIN = "A-Za-z\u00c0-\u024f";
const CYRILLIC = "\u0400-\u04ff";
const FENCE = "```";

interface Meaning {
  readonly pattern: string;
  readonly check: RegExp;
  /** The content of a string of at least one and at most `max` characters; `character` is the rule of any of them. */
  readonly content: (rules: GbnfRules, character: string, max: number) => string;
}

const MEANINGS: Readonly<Record<Opening, Meaning>> = {
  cyrillic: {
    pattern: `^(${FENCE}(.|\\n)*|[^${LATIN}${CYRILLIC}]{0,${LEAD_MAX}}([${CYRILLIC}](.|\\n)*)?)$`,
    check: new RegExp(`^(?:[^${LATIN}${CYRILLIC}]{0,${LEAD_MAX}}(?:$|[${CYRILLIC}])|${FENCE})`, "u"),
    content: (rules, character, max) => {
      const lead = rules.define("lead", String.raw`[^"\\\x00-\x1f${LATIN}${CYRILLIC}] | "\\" ["\\/nt]`);
      // A short lead leaves the rest unused: two lengths with one sum would be two readings of many texts.
      const leadMax = Math.min(LEAD_MAX, max - 1);
      const words = `${rules.repeat(lead, 0, leadMax)} [${CYRILLIC}] ${rules.repeat(character, 0, max - 1 - leadMax)}`;
      const code = `"${FENCE}" ${rules.repeat(character, 0, Math.max(0, max - FENCE.length))}`;
      return rules.share(`${words} | ${rules.repeat(lead, 1, leadMax)} | ${code}`);
    },
  },
  letter: {
    pattern: `^[${LATIN}${CYRILLIC}](.|\\n)*$`,
    check: new RegExp(`^[${LATIN}${CYRILLIC}]`, "u"),
    content: (rules, character, max) =>
      rules.share(`[${LATIN}${CYRILLIC}] ${rules.repeat(character, 0, max - 1)}`.trim()),
  },
};

export const OPENINGS = Object.keys(MEANINGS) as Opening[];

export function opensAs(opening: Opening, text: string): boolean {
  return MEANINGS[opening].check.test(text);
}

export function openingPattern(opening: Opening): string {
  return MEANINGS[opening].pattern;
}

export function openingContent(opening: Opening, rules: GbnfRules, character: string, max: number): string {
  return MEANINGS[opening].content(rules, character, max);
}
