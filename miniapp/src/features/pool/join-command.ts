/** The command that a contributor pastes into a terminal. */

/** With the repository's address it works on a machine without a checkout: the program installs the rest by itself. */
export function joinCommand({ pool, code }: { pool: string; code: string | null }): string {
  const start = `npm run worker -- start --pool ${pool}`;
  return code === null ? start : [`git clone ${code} starai`, "cd starai", start].join("\n");
}
