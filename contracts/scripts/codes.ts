/** The sources of one contract that numbers are read from. */
interface Sources {
  name: string;
  messages: string;
  errors: string;
  storage: string;
  fees: string;
}

/**
 * Reads a contract's op codes (`struct (0x…) Name` in messages.tolk), exit codes (`const ERROR_NAME = n` in errors.tolk) and terms (the constants of
 * storage.tolk and fees.tolk that concern its users) and returns a TypeScript module with them, so that no number is written twice by hand.
 */
export function codesModule({ name, messages, errors, storage, fees }: Sources): string {
  return [
    `// Generated from the sources of ${name} by \`npm run contracts:compile\`.`,
    "",
    ...table(`${name}Op`, messages.matchAll(/^struct \((0x[0-9a-f]{8})\) (\w+)/gm), ([, code, op]) => `${op}: ${code}`),
    ...table(`${name}Error`, errors.matchAll(/^const ERROR_(\w+) = (\d+)/gm), ([, error, code]) => `${error}: ${code}`),
    ...table(`${name}Terms`, termsOf(storage, fees), ([term, value]) => `${term}: ${value}`),
  ].join("\n");
}

/** Endings of the terms' names. Gas units, sizes and the storage reserve are internal to a contract. */
const TERM = /^(?!.*RESERVE).*_(DELAY|WINDOW|PERIOD|SECONDS|PERCENT|EPOCHS)$/;

/** A constant is a product of numbers and of constants above it: `7 * DAY`. */
function termsOf(...sources: string[]): [string, number][] {
  const values = new Map<string, number>();
  for (const [, name, product] of sources.join("\n").matchAll(/^const (\w+) = ([\w* ]+)/gm)) {
    const factors = product!.split("*").map((factor) => values.get(factor.trim()) ?? Number(factor));
    const value = factors.reduce((all, factor) => all * factor, 1);
    values.set(name!, value);
    if (TERM.test(name!) && Number.isNaN(value))
      throw new Error(`write ${name} as a product of numbers and constants above it, not as "${product}"`);
  }
  return [...values].filter(([name]) => TERM.test(name));
}

function table<Match>(name: string, matches: Iterable<Match>, line: (match: Match) => string): string[] {
  const lines = [...matches].map((match) => `  ${line(match)},`);
  return lines.length === 0 ? [] : [`export const ${name} = {`, ...lines, "} as const;", ""];
}
