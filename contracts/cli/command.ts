import type { CliContext } from "./cli-context.ts";

/** Whose tool a command is; HELP groups by it. */
export const ROLES = [
  "Contributor",
  "User, with a prepaid balance",
  "Anybody",
  "Guardian",
  "Treasury",
  "Publisher",
  "Keepers of a vault (guardian and treasury)",
  "Hot wallet of a vault",
] as const;

export interface Command {
  readonly name: string;
  readonly role: (typeof ROLES)[number];
  /** Names of its arguments, each of which is required. */
  readonly takes?: readonly string[];
  /** What it does, in a few words. */
  readonly does: string;
  /** `args` has one word for each of `takes`. @throws with a sentence that says what to do next. */
  readonly run: (context: CliContext, args: readonly string[]) => Promise<void>;
}

/** The command as it is typed. */
export function usageOf({ name, takes = [] }: Pick<Command, "name" | "takes">): string {
  return [name, ...takes.map((argument) => `<${argument}>`)].join(" ");
}
