/**
 * Reads the op codes of a contract's `messages.tolk` (`struct (0x…) Name`) and the exit codes of its `errors.tolk` (`const ERROR_NAME = n`)
 * and returns a TypeScript module with both, so that no number is written twice by hand.
 */
export function codesModule({ name, messages, errors }: { name: string; messages: string; errors: string }): string {
  const ops = [...messages.matchAll(/^struct \((0x[0-9a-f]{8})\) (\w+)/gm)].map(([, code, op]) => `  ${op}: ${code},`);
  const codes = [...errors.matchAll(/^const ERROR_(\w+) = (\d+)/gm)].map(([, error, code]) => `  ${error}: ${code},`);
  return [
    `// Generated from ${name}'s messages.tolk and errors.tolk by \`npm run contracts:compile\`.`,
    `export const ${name}Op = {`,
    ...ops,
    "} as const;",
    "",
    `export const ${name}Error = {`,
    ...codes,
    "} as const;",
    "",
  ].join("\n");
}
