/** The commands that a contributor pastes into a terminal; they work on a machine without anything of ours. */

export function joinCommands(pool: string): { terminal: string; powershell: string } {
  return { terminal: `curl -fsS ${pool}/join | sh`, powershell: `irm ${pool}/join.ps1 | iex` };
}
