/** The sources of one contract that numbers are read from. */
interface Sources {
  name: string;
  messages: string;
  errors: string;
  storage: string;
}

/**
 * Reads a contract's op codes (`struct (0x…) Name` in messages.tolk), exit codes (`const ERROR_NAME = n` in errors.tolk) and terms
 * (`const NAME = n` in storage.tolk: delays, windows, caps) and returns a TypeScript module with them, so that no number is written twice
 * by hand.
 */
export function codesModule({ name, messages, errors, storage }: Sources): string {
  return [
    `// Generated from the sources of ${name} by \`npm run contracts:compile\`.`,
    "",
    ...table(`${name}Op`, messages.matchAll(/^struct \((0x[0-9a-f]{8})\) (\w+)/gm), ([, code, op]) => `${op}: ${code}`),
    ...table(`${name}Error`, errors.matchAll(/^const ERROR_(\w+) = (\d+)/gm), ([, error, code]) => `${error}: ${code}`),
    ...table(`${name}Terms`, storage.matchAll(/^const (\w+) = (\d+)/gm), ([, term, value]) => `${term}: ${value}`),
  ].join("\n");
}

function table(name: string, matches: Iterable<RegExpExecArray>, line: (match: RegExpExecArray) => string): string[] {
  const lines = [...matches].map((match) => `  ${line(match)},`);
  return lines.length === 0 ? [] : [`export const ${name} = {`, ...lines, "} as const;", ""];
}
