/**
 * Rules for how a string may begin, used in the server's own schemas. Each rule is defined three times: as grammar, as
 * a check, and as a pattern for engines that take a schema. All three accept the same strings, and the pattern uses
 * only syntax that those engines support.
 *
 * `"x-opening": "cyrillic"`: no Latin letter comes before the first Cyrillic one, so that a small model answers in the
 * script of the question. A text without letters fits too, and so does one that begins with a block of code.
 * `"x-opening": "letter"`: the first character is a letter.
 */
import type { GbnfRules } from "./gbnf-rules.ts";
import type { Opening } from "./shape.ts";

export const OPENING = "x-opening";

/**
 * Most characters before the first letter. With a higher limit, a model that prefers Latin letters continues in digits.
 */
const LEAD_MAX = 24;
const LATIN = "A-Za-z\u00c0-\u024f";
const CYRILLIC = "\u0400-\u04ff";
const FENCE = "```";

interface Meaning {
  readonly pattern: string;
  readonly check: RegExp;
  /** Grammar for a string's content of 1 to `max` characters; `character` is the rule for any character. */
  readonly content: (rules: GbnfRules, character: string, max: number) => string;
}

const MEANINGS: Readonly<Record<Opening, Meaning>> = {
  cyrillic: {
    pattern: `^(${FENCE}(.|\\n)*|[^${LATIN}${CYRILLIC}]{0,${LEAD_MAX}}([${CYRILLIC}](.|\\n)*)?)$`,
    check: new RegExp(`^(?:[^${LATIN}${CYRILLIC}]{0,${LEAD_MAX}}(?:$|[${CYRILLIC}])|${FENCE})`, "u"),
    content: (rules, character, max) => {
      const lead = rules.define("lead", String.raw`[^"\\\x00-\x1f${LATIN}${CYRILLIC}] | "\\" ["\\/nt]`);
      // Each part has its own maximum: sharing one would give many texts two readings.
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
