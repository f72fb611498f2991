/**
 * A process that does answers on a ledger as fast as it can, to be killed. It writes a line `begin <answer>` before it
 * starts one, `<outcome> <answer> <step>` after each acknowledged operation and `end <answer>`; on SIGTERM it begins no
 * more answers and ends. Lines in a pipe are there when the next operation begins, so a kill loses none.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import type { PoolConfig } from "pg";
import { Ledger } from "../ledger/ledger.ts";
import type { Operation, Outcome } from "../ledger/rules/operation.ts";
import { answerOperations } from "./ledger-traffic.ts";
import type { TrafficAccounts } from "./ledger-traffic.ts";

/** What the harness must notice when it is gone. */
export type Guard = "commit to the disk" | "retry under the same key";

export interface LedgerChildSetup {
  readonly connection: PoolConfig;
  readonly accounts: TrafficAccounts;
  readonly callers: number;
  /** Answers begun by an earlier process and not ended. */
  readonly unfinished: readonly number[];
  /** The first new answer's number. */
  readonly next: number;
  /** Distinguishes this process's keys where they are not kept over retries. */
  readonly life: number;
  readonly without: Guard | null;
}

const RETRY_MS = 20;
const { connection, accounts, callers, life, without, ...work } = JSON.parse(process.argv[2] ?? "") as LedgerChildSetup;
const unfinished = [...work.unfinished];
let next = work.next;
let stopping = false;
let tries = 0;
if (without === "commit to the disk") commitToMemory();
const ledger = new Ledger(connection);
const say = (line: string) => void process.stdout.write(`${line}\n`);

process.on("SIGTERM", () => (stopping = true));
await Promise.all(Array.from({ length: callers }, () => caller()));
await ledger[Symbol.asyncDispose]();

async function caller(): Promise<void> {
  for (;;) {
    const answer = unfinished.shift() ?? (stopping ? null : next++);
    if (answer === null) return;
    say(`begin ${answer}`);
    for (let step = 0; step < 4; step++) await insistOn(answer, step);
    say(`end ${answer}`);
  }
}

/** The key stays the same over all tries, in this process and the ones before, unless that guard is taken away. */
async function insistOn(answer: number, step: number): Promise<void> {
  for (;;) {
    const attempt = without === "retry under the same key" && step > 0 ? life * 1_000_000 + ++tries : 0;
    const operation = answerOperations(answer, accounts, (at) => (at === step && step < 3 ? attempt : 0))[step]!;
    const outcome = await tryOnce(operation);
    if (outcome !== null) return say(`${outcome.kind} ${answer} ${step}`);
    await sleep(RETRY_MS);
  }
}

/** Null where the database was away: whether it happened is not known. */
async function tryOnce(operation: Operation): Promise<Outcome | null> {
  try {
    return await ledger.do(operation);
  } catch {
    return null;
  }
}

/** Commits return before PostgreSQL wrote its log, whatever the ledger's transactions ask for. */
function commitToMemory(): void {
  const { query } = Client.prototype as unknown as { query: (this: Client, ...asked: unknown[]) => unknown };
  Object.assign(Client.prototype, {
    query(this: Client, asked: unknown, ...rest: unknown[]) {
      return query.call(this, asked === "commit" ? "set local synchronous_commit = off; commit" : asked, ...rest);
    },
  });
}
