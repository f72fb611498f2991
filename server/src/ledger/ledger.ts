/** The books: who has how much, by double entry. See rules/operation.ts for what can be asked and answered. */
import type { Pool } from "pg";
import { openAccount } from "./open-account.ts";
import type { AccountName } from "./open-account.ts";
import { OperationBatcher } from "./operation-batcher.ts";
import type { AccountId, Operation, Outcome } from "./rules/operation.ts";

export class Ledger {
  readonly #pool: Pool;
  readonly #batcher: OperationBatcher;
  /** The books do not add up: new holds are refused until a verification finds them right. */
  halted = false;

  constructor(pool: Pool) {
    this.#pool = pool;
    this.#batcher = new OperationBatcher(pool, () => this.halted);
  }

  openAccount(name: AccountName): Promise<AccountId> {
    return openAccount(this.#pool, name);
  }

  /**
   * Does one operation, and resolves once it is on the disk. Asked again under the same key it has no second effect.
   * Inside a transaction of one's own, such as a job's end with its capture, call applyOperations instead.
   * @throws {LedgerBusy} when too many wait; else the database's fault, after which it may or may not have happened:
   *   ask again under the same key.
   */
  do(operation: Operation): Promise<Outcome> {
    return this.#batcher.do(operation);
  }
}
