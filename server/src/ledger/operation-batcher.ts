/**
 * Does operations in batches: a batch is what waited while the last one ran. No timer, so a lone operation is not
 * delayed, and under load one transaction and one flush of the disk serve many. An operation is answered after its
 * batch's commit.
 */
import type { Pool } from "pg";
import { DatabaseError } from "pg";
import { decideInside } from "./apply-operations.ts";
import { checkOperation } from "./rules/operation.ts";
import type { Operation, Outcome } from "./rules/operation.ts";
import { runInOrder } from "./statements.ts";
import { BEGIN, rollBack } from "./transaction.ts";

/** Batches at once, each on a connection: while one waits for the disk the other computes. */
export const LANES = 2;
const BATCH_MAX = 256;
/** About a second of work; who comes later is told so, instead of waiting without end. */
const WAITING_MAX = 8_192;
const TRIES_MAX = 4;
/** Lost races, over once the other transaction has ended: serialisation, deadlock, and a key written meanwhile. */
const LOST_RACE = new Set(["40001", "40P01", "23505"]);

/** Too many operations wait. */
export class LedgerBusy extends Error {
  override readonly name = "LedgerBusy";
}

interface Waiting {
  readonly operation: Operation;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (fault: unknown) => void;
}

export class OperationBatcher {
  readonly #lanes: Pool;
  readonly #isHalted: () => boolean;
  readonly #waiting: Waiting[] = [];
  #lanesFree = LANES;
  #isDue = false;

  /** @param lanes  connections that send several statements at once */
  constructor(lanes: Pool, isHalted: () => boolean) {
    this.#lanes = lanes;
    this.#isHalted = isHalted;
  }

  /**
   * @throws {LedgerBusy} when too many wait; {RangeError} for an operation that is wrong in itself; else the database's
   *   fault, after which the operation may have happened: ask again under the same key.
   */
  do(operation: Operation): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      checkOperation(operation);
      if (this.#waiting.length >= WAITING_MAX)
        throw new LedgerBusy(`The ledger has ${WAITING_MAX} operations waiting: try again in a second.`);
      this.#waiting.push({ operation, resolve, reject });
      this.#soon();
    });
  }

  /** Once this turn of the event loop has ended: what is asked in one turn is one batch. */
  #soon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#next();
    });
  }

  #next(): void {
    while (this.#lanesFree > 0 && this.#waiting.length > 0) {
      this.#lanesFree--;
      void this.#settle(this.#waiting.splice(0, BATCH_MAX)).finally(() => {
        this.#lanesFree++;
        this.#soon();
      });
    }
  }

  async #settle(batch: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await this.#doAll(batch.map(({ operation }) => operation));
      for (const [at, { resolve }] of batch.entries()) resolve(outcomes[at]!);
    } catch (error) {
      if (batch.length > 1 && error instanceof DatabaseError && isOfOne(error)) await this.#settleEach(batch);
      else for (const { reject } of batch) reject(error);
    }
  }

  /** The database refused a row that the rules had let through: its operation fails alone. */
  async #settleEach(batch: readonly Waiting[]): Promise<void> {
    for (const one of batch) await this.#settle([one]);
  }

  async #doAll(operations: readonly Operation[]): Promise<Outcome[]> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#transact(operations);
      } catch (error) {
        const lost = error instanceof DatabaseError && LOST_RACE.has(error.code ?? "");
        if (!lost || tries === TRIES_MAX) throw error;
      }
    }
  }

  /** Two trips to the database: begin with all locks, then what is written with the commit. */
  async #transact(operations: readonly Operation[]): Promise<Outcome[]> {
    const client = await this.#lanes.connect();
    let fault: Error | undefined;
    try {
      const [, { outcomes, write }] = await Promise.all([
        client.query(BEGIN),
        decideInside(client, operations, { halted: this.#isHalted() }),
      ]);
      await Promise.all([runInOrder(client, [write]), client.query("commit")]);
      return outcomes;
    } catch (error) {
      fault = await rollBack(client);
      throw error;
    } finally {
      client.release(fault);
    }
  }
}

/** SQLSTATE classes of a row's own fault: its data, a constraint. */
function isOfOne({ code = "" }: DatabaseError): boolean {
  return code.startsWith("22") || code.startsWith("23");
}
