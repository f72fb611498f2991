/**
 * Arithmetic as people (and small models) write it, turned into what the expression library reads:
 * `√9 × 1,200`, `15% of 80`, `20% off 49.90`, `1 000 000 ÷ 3`, `5 plus 7`, `2³`, `3,5 умножить на 2`.
 */

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
/** Functions of several arguments: inside them a comma separates, so `max(1,200)` is not twelve hundred. */
const MANY_ARGUMENTS = /\b(min|max|gcd|lcm|log|mod|round|pow|nthroot|mean|median|sum)\s*\(/iu;

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:multiplied by|times)\b|умножить на|умноженное на/giu, "*"],
  [/\bdivided by\b|(?:раз|по)делить на|деленное на|делённое на/giu, "/"],
  [/\bto the power of\b|в степени/giu, "^"],
  [/\bplus\b|плюс/giu, "+"],
  [/\bminus\b|минус/giu, "-"],
  [/\bsquared\b|в квадрате/giu, "^2"],
  [/\bcubed\b|в кубе/giu, "^3"],
  [/\bsquare root of\b|(?:квадратный )?корень из/giu, "√"],
  [/(?<=[\d\s])per\s?cent\b|(?<=[\d\s])процент(?:ов|а)?(?!\p{L})/giu, "%"],
];

const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/[\u00a0\u2009\u202f]/gu, " "],
  [/[−–—]/gu, "-"],
  [/[×·∙⋅✕]|(?<=[\d)\s])[xх](?=[\s\d(])/gu, "*"],
  [/[÷∶]/gu, "/"],
  [/\*\*/gu, "^"],
  [/π/gu, "pi"],
  [
    /[$€£¥₽₴₸₹]|\b(?:USD|EUR|GBP|RUB|dollars?|euros?|pounds?)\b|(?:руб(?:лей|ля|ль|\.)?|евро|доллар(?:ов|а)?)(?!\p{L})/giu,
    "",
  ],
  [/∛\s*(\d+(?:\.\d+)?|\([^()]*\))/gu, "cbrt($1)"],
  [/√\s*(\d+(?:[.,]\d+)?|\p{L}\w*|\([^()]*\))/gu, "sqrt($1)"],
];

/** One expression, without its name and without a trailing `=`. */
export function readArithmetic(text: string): string {
  let out = text.trim();
  for (const [sign, plain] of WORDS) out = out.replace(sign, ` ${plain} `);
  for (const [sign, plain] of SIGNS) out = out.replace(sign, plain);
  out = out.replace(
    new RegExp(`[${SUPERSCRIPTS}]+`, "gu"),
    (raised) => `^${Array.from(raised, (c) => SUPERSCRIPTS.indexOf(c)).join("")}`,
  );
  out = joinNumbers(out);
  out = readPercentages(out);
  return out
    .replace(/[=?\s]+$/u, "")
    .replace(/\s+/gu, " ")
    .trim();
}

/** `1,234,567.5`, `1 234 567`, `1'000`, `1_000` and the decimal comma of `3,5`. */
function joinNumbers(text: string): string {
  const grouped = text
    .replace(/(?<![\d.])\d{1,3}(?: \d{3})+(?!\d)/gu, (n) => n.replaceAll(" ", ""))
    .replace(/(?<=\d)['’_](?=\d)/gu, "");
  if (MANY_ARGUMENTS.test(grouped)) return grouped;
  return grouped
    .replace(/(?<![\d.,])\d{1,3}(?:,\d{3})+(?!\d)/gu, (n) => n.replaceAll(",", ""))
    .replace(/(\d),(\d{1,2})(?!\d)/gu, "$1.$2");
}

const OPERAND = String.raw`(\d+(?:\.\d+)?|\p{L}[\p{L}\p{N}_]*|\([^()]*\))`;

/** A percentage is a part of something: `15% of 80`, `20% off 80`, `80 + 15%`, `80 * 15%`. */
function readPercentages(text: string): string {
  return text
    .replace(new RegExp(`${OPERAND}\\s*%\\s*(?:off|discount on)\\s+${OPERAND}`, "giu"), "($2 * (1 - $1 / 100))")
    .replace(new RegExp(`${OPERAND}\\s*%\\s*(?:of|от|off)\\s+`, "giu"), "($1 / 100) * ")
    .replace(
      new RegExp(`(?<![*/^]\\s*)${OPERAND}\\s*([+-])\\s*${OPERAND}\\s*%(?!\\s*[\\p{L}\\p{N}(*/])`, "gu"),
      "($1 * (1 $2 $3 / 100))",
    )
    .replace(new RegExp(`${OPERAND}\\s*%(?!\\s*[\\p{L}\\p{N}(])`, "gu"), "($1 / 100)")
    .replace(/\bmod\b(?!\s*\()/gu, "%");
}
