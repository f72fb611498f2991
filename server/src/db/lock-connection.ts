/** One connection to the database, which acquires the server's lock, finds the lock's holder and pings the database. */
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import type { PoolConfig } from "pg";

/** Any constant: it names the lock that a server holds on its database. */
const SERVER_LOCK = 7_243_001;
/** A database that does not answer within this is away, whatever its socket says. */
const ANSWER_MS_MAX = 5_000;
const HANG_UP_MS_MAX = 1_000;
/** A machine that vanished is noticed by the database after 10 + 3 × 5 s, less than a successor waits. */
const NOTICE_A_VANISHED_CLIENT =
  "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3";

export interface LockHolder {
  /** Of its backend in the database. */
  readonly pid: number;
  readonly name: string;
  readonly since: Date;
}

export class LockConnection {
  readonly #client: Client;
  /** Called when the connection is gone. */
  onGone: () => void = () => {};

  private constructor(client: Client) {
    this.#client = client;
    client.once("end", () => this.onGone());
    // The end of a broken connection is all we need to know, but an error without a listener would end the process.
    client.on("error", () => {});
  }

  /** @param name  how the holder is called in the database, at most 63 bytes */
  static async open(connection: PoolConfig, name: string): Promise<LockConnection> {
    const client = new Client({
      ...connection,
      application_name: name,
      connectionTimeoutMillis: ANSWER_MS_MAX,
      query_timeout: ANSWER_MS_MAX,
    });
    const session = new LockConnection(client);
    try {
      await client.connect();
      await client.query(NOTICE_A_VANISHED_CLIENT);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async tryLock(): Promise<boolean> {
    const { rows } = await this.#client.query<{ held: boolean }>("select pg_try_advisory_lock($1) as held", [
      SERVER_LOCK,
    ]);
    return rows[0]?.held === true;
  }

  async holder(): Promise<LockHolder | null> {
    const { rows } = await this.#client.query<LockHolder>(
      `select a.pid, a.application_name as name, a.backend_start as since
       from pg_locks l join pg_stat_activity a on a.pid = l.pid
       where l.locktype = 'advisory' and l.granted and l.classid = 0 and l.objid = $1
         and l.database = (select oid from pg_database where datname = current_database())`,
      [SERVER_LOCK],
    );
    return rows[0] ?? null;
  }

  /** Ends another connection of the same account. */
  async end(pid: number): Promise<void> {
    await this.#client.query("select pg_terminate_backend($1)", [pid]);
  }

  async answers(): Promise<boolean> {
    return this.#client.query("select 1").then(
      () => true,
      () => false,
    );
  }

  /** Closes the connection, which releases the lock. A database that does not answer notices the end by itself. */
  async close(): Promise<void> {
    const hangUp = this.#client.end().catch(() => undefined);
    await Promise.race([hangUp, sleep(HANG_UP_MS_MAX, undefined, { ref: false })]);
  }
}
