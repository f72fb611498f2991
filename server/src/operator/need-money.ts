/** For commands about money: the database is one of this version. */
import type { OperatorCommand } from "./command.ts";

/** The commands, each with a sentence instead of a fault where there are no tables for money yet. */
export function needMoney<Name extends string>(commands: Record<Name, OperatorCommand>): Record<Name, OperatorCommand> {
  const entries = Object.entries<OperatorCommand>(commands).map(([name, command]) => [name, withMoney(command)]);
  return Object.fromEntries(entries) as Record<Name, OperatorCommand>;
}

function withMoney(command: OperatorCommand): OperatorCommand {
  return {
    ...command,
    async run(ctx, words, say) {
      const { rows } = await ctx.pg.query<{ name: string | null }>("select to_regclass('operator_acts') as name");
      if (rows[0]?.name == null)
        throw new Error(
          "There is no money in this database yet: start this version's server on it once, then try again.",
        );
      await command.run(ctx, words, say);
    },
  };
}
