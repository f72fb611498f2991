/** The books: who has how much, by double entry. See rules/operation.ts for what can be asked and answered. */
import { Pool } from "pg";
import type { PoolConfig } from "pg";
import { openAccount } from "./open-account.ts";
import type { AccountName } from "./open-account.ts";
import { LANES, OperationBatcher } from "./operation-batcher.ts";
import type { AccountId, Operation, Outcome } from "./rules/operation.ts";
import { COMMIT_TO_DISK } from "./transaction.ts";

/** An operation that found no connection within this is refused: its caller has given up long before. */
const CONNECT_MS_MAX = 15_000;

export class Ledger implements AsyncDisposable {
  readonly #lanes: Pool;
  readonly #batcher: OperationBatcher;
  /** New holds are refused until a verification finds the books right. */
  halted: boolean;

  /**
   * Has connections of its own: they send several statements at once, and money waits for nobody else's queries.
   * @param halted  true for books that nobody has verified yet: a server's, until its watchLedger has
   */
  constructor(connection: PoolConfig, { halted = false } = {}) {
    this.halted = halted;
    this.#lanes = new Pool({
      ...connection,
      // Settings that come from another pool keep their password from copies.
      ...(connection.password === undefined ? {} : { password: connection.password }),
      max: LANES,
      pipeline: true,
      connectionTimeoutMillis: CONNECT_MS_MAX,
    });
    // Broken connections are replaced; who waited for one is told. Without listeners they would end the process.
    this.#lanes.on("error", () => {});
    this.#lanes.on("connect", (client) => {
      client.on("error", () => {});
      // Before anything else on this connection; where it fails, nothing may be acknowledged on it.
      client.query(COMMIT_TO_DISK).catch(() => void client.end());
    });
    this.#batcher = new OperationBatcher(this.#lanes, () => this.halted);
  }

  openAccount(name: AccountName): Promise<AccountId> {
    return openAccount(this.#lanes, name);
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

  /** Waits for batches under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lanes.end();
  }
}
