/** Moves money as part of an operator's act. */
import { ledgerKey } from "../billing/ledger-key.ts";
import { Moved } from "../billing/money-transaction.ts";
import { applyOperations } from "../ledger/apply-operations.ts";
import { openAccount } from "../ledger/open-account.ts";
import type { AccountKind, Asset } from "../ledger/rules/account-kinds.ts";
import type { Move } from "../ledger/rules/operation.ts";
import type { Acting } from "./act.ts";
import { minute } from "./shown.ts";

/**
 * The same command with the same reason is the same act, whoever repeats it: a connection that broke before the answer
 * is no reason to pay twice. Who means a second one gives another reason.
 */
export function actKey(verb: string, parts: readonly (string | bigint)[], why: string): string {
  return ledgerKey("operator", verb, ...parts.map(String), why);
}

/** When this was done before; null: it was not. */
export async function doneBefore({ client }: Acting, key: string): Promise<Date | null> {
  const { rows } = await client.query<{ at: Date }>("select at from ledger_postings where key = $1 and leg = 0", [key]);
  return rows[0]?.at ?? null;
}

export function sentenceOfBefore(at: Date): string {
  return `This was done on ${minute(at)} for the same reason, so nothing happened now. If it is meant again, say so in --why.`;
}

export function houseAccount({ client }: Acting, asset: Asset, kind: AccountKind): Promise<number> {
  return openAccount(client, { asset, kind, owner: "house" });
}

/** Makes all moves. @throws Moved where one cannot be made: the books changed since they were read */
export async function post({ client }: Acting, moves: readonly Omit<Move, "verb">[]): Promise<void> {
  const operations = moves.map((move): Move => ({ verb: "move", ...move }));
  const outcomes = await applyOperations(client, operations, { halted: false });
  if (outcomes.some(({ kind }) => kind !== "done"))
    throw new Moved("The books changed meanwhile. Nothing was changed now: try again.");
}
