/** Lock → read → decide → write, inside a transaction. */
import { lockBooks } from "./lock-books.ts";
import { paramsOf } from "./params-of.ts";
import { decide } from "./rules/decide.ts";
import { checkOperation } from "./rules/operation.ts";
import type { Move, Operation, Outcome } from "./rules/operation.ts";
import { runInOrder } from "./statements.ts";
import type { Executor, Statement } from "./statements.ts";
import { writeChanges } from "./write-changes.ts";

/**
 * Does these operations, in their order, in the transaction of `executor` (READ COMMITTED), and returns their outcomes.
 * They count once that transaction commits. Call it once in a transaction, after its other rows are locked: a second
 * call would lock in another order, and two such transactions could wait for each other.
 * @param halted  refuses new holds
 * @throws {RangeError} for an operation that is wrong in itself, before anything is asked of the database; else the
 *   database's fault. The same key or hold written meanwhile (SQLSTATE 23505) and a deadlock (40P01) pass when the
 *   transaction is tried again.
 */
export async function applyOperations(
  executor: Executor,
  operations: readonly Operation[],
  { halted }: { halted: boolean },
): Promise<Outcome[]> {
  for (const operation of operations) checkOperation(operation);
  const { outcomes, write } = await decideInside(executor, operations, { halted });
  await runInOrder(executor, [write]);
  return outcomes;
}

/**
 * The same for moves whose money is known to be there: all of them are done now, for the first time.
 * @param what  names them for the log; no amount and nobody's name
 * @throws where one cannot be done, so that the transaction ends with nothing changed
 */
export async function applyAll(executor: Executor, moves: readonly Move[], what: string): Promise<void> {
  if (moves.length === 0) return;
  const outcomes = await applyOperations(executor, moves, { halted: false });
  for (const [at, outcome] of outcomes.entries())
    if (outcome.kind !== "done") throw new Error(`${what}, move ${at}: the ledger says ${saidBy(outcome)}`);
}

const saidBy = (outcome: Outcome) => (outcome.kind === "refused" ? outcome.because.code : outcome.kind);

/** Locks what the operations need and decides; `write` is still to be run. */
export async function decideInside(
  executor: Executor,
  operations: readonly Operation[],
  { halted }: { halted: boolean },
): Promise<{ outcomes: Outcome[]; write: Statement | null }> {
  const asked = operations.map((operation) => ({ operation, params: paramsOf(operation) }));
  const { lastSeq, ...books } = await lockBooks(executor, operations);
  const { outcomes, changes } = decide({ ...books, halted }, asked);
  return { outcomes, write: writeChanges(changes, lastSeq) };
}
