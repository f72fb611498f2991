/**
 * Exact arithmetic in one or several steps, by mathjs with 64 decimal digits.
 *
 * Nothing of the library's language is reachable but numbers, operators and a list of plain functions: the tree is
 * checked before it is evaluated, and the operations that could run for minutes (`1e9!`) have bounds of their own.
 */
import { all, create } from "mathjs";
import type { FactoryFunctionMap } from "mathjs";
import type { BigNumber, MathNode } from "mathjs";
import { readArithmetic } from "./read-arithmetic.ts";
import { ToolAdvice } from "../tool-advice.ts";

/** Longest expression given to the parser; no person's sum is longer. */
const CHARS_MAX = 500;
const STEPS_MAX = 12;
const FACTORIAL_MAX = 500;
/** Powers beyond this many digits are not something a person reads. */
const DIGITS_MAX = 200;

const FUNCTIONS = new Set(
  "sqrt cbrt nthRoot abs round floor ceil min max gcd lcm log log10 log2 ln exp pow mod sin cos tan asin acos atan mean median sum sign fix".split(
    " ",
  ),
);
const CONSTANTS = new Set(["pi", "e", "tau"]);
const OPERATORS = new Set([
  "add",
  "subtract",
  "multiply",
  "divide",
  "pow",
  "mod",
  "unaryMinus",
  "unaryPlus",
  "factorial",
]);

const math = create(all as FactoryFunctionMap, { number: "BigNumber", precision: 64 });
const plainPow = math.pow.bind(math) as (a: BigNumber, b: BigNumber) => BigNumber;
math.import(
  {
    ln: (x: BigNumber) => math.log(x),
    pow: (base: BigNumber, exponent: BigNumber) => {
      const digits = Math.abs(Number(exponent)) * Math.abs(Math.log10(Math.abs(Number(base)) || 1));
      if (digits > DIGITS_MAX) throw new ToolAdvice("that number has too many digits to write out");
      return plainPow(base, exponent);
    },
    factorial: (n: BigNumber) => {
      if (!n.isInteger() || n.isNegative() || n.gt(FACTORIAL_MAX))
        throw new ToolAdvice(`factorial takes a whole number from 0 to ${FACTORIAL_MAX}`);
      let product = math.bignumber(1);
      for (let k = 2; k <= n.toNumber(); k++) product = product.mul(k);
      return product;
    },
  },
  { override: true },
);

export interface Result {
  /** The step as written, without its name. */
  source: string;
  /** `null` where the step was not given a name. */
  name: string | null;
  value: string;
}

/**
 * Steps are separated by `;` or new lines and may be named: `tip = 15% of 80; 80 + tip`.
 * Values have at most 12 significant digits. Throws ToolAdvice.
 */
export function calculate(text: string): Result[] {
  if (text.length > CHARS_MAX)
    throw new ToolAdvice(`the sum is longer than ${CHARS_MAX} characters; do it in two calls`);
  const lines = text
    .split(/[;\n]/u)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (lines.length === 0) throw new ToolAdvice("there is no sum; write numbers and signs");
  if (lines.length > STEPS_MAX) throw new ToolAdvice(`more than ${STEPS_MAX} steps; do it in two calls`);
  const names = new Map<string, string>();
  const scope = new Map<string, unknown>();
  return lines.map((line) => calculateLine(line, names, scope));
}

function calculateLine(line: string, names: Map<string, string>, scope: Map<string, unknown>): Result {
  const named = /^(?<name>[\p{L}_][\p{L}\p{N}_ ']*?)\s*[:=]\s*(?<sum>[^=].*)$/u.exec(line)?.groups;
  const sum = replaceNames(named?.sum ?? line, names);
  const value = evaluateSum(withoutCountedThing(readArithmetic(sum), scope), scope);
  scope.set("ans", value);
  const name = named?.name?.trim() ?? null;
  if (name !== null) {
    const alias = names.get(name.toLowerCase()) ?? `v${names.size}_`;
    names.set(name.toLowerCase(), alias);
    scope.set(alias, value);
  }
  return { source: (named?.sum ?? line).replace(/[=?\s]+$/u, ""), name, value: formatNumber(value) };
}

/** Names may be of any letters and of several words; the library is given short ones. */
function replaceNames(sum: string, names: Map<string, string>): string {
  let out = sum;
  for (const name of [...names.keys()].sort((a, b) => b.length - a.length)) {
    const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);
    out = out.replace(new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, "giu"), names.get(name) ?? "");
  }
  return out;
}

/** Drops the unit if there is only one: `300 g / 4 * 7` is in grams alone; `5 cm + 2 inch` has two and is rejected. */
function withoutCountedThing(sum: string, scope: Map<string, unknown>): string {
  const counted = /(?<=[\d)]\s?)(?![eE][-+]?\d)\p{L}{1,20}(?![\p{L}\p{N}_]|\s*\()/gu;
  const things = new Set(
    [...sum.matchAll(counted)].map(([word]) => word).filter((word) => !CONSTANTS.has(word) && !scope.has(word)),
  );
  const [thing] = things;
  if (thing === undefined || things.size > 1) return sum;
  return sum.replace(counted, (word) => (word === thing ? "" : word));
}

function evaluateSum(sum: string, scope: Map<string, unknown>): BigNumber {
  if (sum === "") throw new ToolAdvice("there is no sum; write numbers and signs");
  let tree: MathNode;
  try {
    tree = math.parse(sum);
  } catch {
    throw new ToolAdvice(
      `"${sum}" is not arithmetic; write only numbers and + - * / ^ ( ) % sqrt, or use final_answer`,
    );
  }
  checkTree(tree, scope);
  const value: unknown = tree.evaluate(scope);
  if (!math.isBigNumber(value)) throw new ToolAdvice("the result is not a real number");
  if (!value.isFinite())
    throw new ToolAdvice(
      value.isNaN() ? "the result is not a number" : "division by zero, or a result too large to write",
    );
  return value;
}

function checkTree(tree: MathNode, scope: Map<string, unknown>): void {
  tree.traverse((node, path, parent) => {
    if (math.isConstantNode(node) || math.isParenthesisNode(node)) return;
    if (math.isOperatorNode(node) && OPERATORS.has(node.fn)) return;
    if (math.isFunctionNode(node) && math.isSymbolNode(node.fn) && FUNCTIONS.has(node.fn.name)) return;
    if (math.isSymbolNode(node)) {
      const called = path === "fn" && parent !== undefined && math.isFunctionNode(parent);
      if (called || CONSTANTS.has(node.name) || scope.has(node.name)) return;
      throw new ToolAdvice(`"${node.name}" has no value. Write its number from the message instead of the name`);
    }
    throw new ToolAdvice("only plain arithmetic is possible: numbers and + - * / ^ ( ) % sqrt round min max");
  });
}

/** At most 12 significant digits, whole numbers in full, never in e-notation where a person can read the digits. */
function formatNumber(value: BigNumber): string {
  if (value.isInteger() && value.abs().lt("1e40")) return value.toFixed(0);
  if (value.abs().gte("1e40") || (value.abs().lt("1e-9") && !value.isZero()))
    return value.toSignificantDigits(12).toString();
  return value.toSignificantDigits(12).toDecimalPlaces(12).toFixed();
}
