/** The shape of an operator's command. */
import type { TonClient } from "@ton/ton";
import type { AppContext } from "../context.ts";

export interface OperatorContext extends Pick<AppContext, "db" | "pg"> {
  /** Who runs it, by the system's name for them; commands take another with --who. */
  readonly user?: string | undefined;
  /** Absent or null without a bot's token. */
  readonly telegram?: AppContext["telegram"];
  /** Asks the network of this global id. @throws a sentence where no endpoint of it is known */
  readonly tonClient?: (networkId: number) => TonClient;
  /** Another operator's endpoint of the same network: one alone may lie or lag. Absent or null: none is set. */
  readonly secondTonClient?: TonClient | null;
}
export type Say = (line: string) => void;

export interface OperatorCommand {
  /** Its arguments, as the help shows them after its name. */
  readonly args: string;
  readonly summary: string;
  /** Throws a sentence that says what to write instead. */
  run(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void>;
}
