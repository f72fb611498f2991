/** Statements of one transaction, sent together where the connection allows it. */
import type { ClientBase, QueryResult } from "pg";

/** A connection inside a transaction. */
export type Executor = Pick<ClientBase, "query"> & { readonly pipeline?: boolean };

export interface Statement {
  /** Prepared under this name once for each connection. */
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** PostgreSQL runs them in this order, each on its own snapshot; null stands for one that is not needed. */
export async function runInOrder(
  executor: Executor,
  statements: readonly (Statement | null)[],
): Promise<QueryResult["rows"][]> {
  const run = async (statement: Statement | null) => (statement === null ? [] : (await executor.query(statement)).rows);
  if (executor.pipeline) return Promise.all(statements.map(run));
  const results: QueryResult["rows"][] = [];
  for (const statement of statements) results.push(await run(statement));
  return results;
}
