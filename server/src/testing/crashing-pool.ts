/** For tests: connections that break off, between any two statements, also after a commit that nobody heard of. */
import type { Pool, PoolClient } from "pg";

export class Crash extends Error {}

/** A pool of these connections; the statement of this number throws, counted from where `after` was set. */
export class CrashingPool {
  /** Null: none breaks off. */
  after: number | null = null;
  /** Statements since then. */
  seen = 0;
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  get pool(): Pool {
    const connect = async () => this.#breaking(await this.#pool.connect());
    return new Proxy(this.#pool, {
      get: (pool, name) => (name === "connect" ? connect : valueOf(pool, name)),
    });
  }

  #breaking(client: PoolClient): PoolClient {
    const query = async (...asked: unknown[]) => {
      const isRollback = asked[0] === "rollback";
      const isLast = !isRollback && this.after !== null && this.seen++ === this.after;
      const isCommit = asked[0] === "commit";
      if (isLast && !isCommit) throw new Crash("the connection broke");
      const answer = await (client.query as (...words: unknown[]) => Promise<unknown>).apply(client, asked);
      if (isLast) throw new Crash("the connection broke after the commit");
      return answer;
    };
    return new Proxy(client, { get: (target, name) => (name === "query" ? query : valueOf(target, name)) });
  }
}

function valueOf(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === "function" ? (value as (...words: unknown[]) => unknown).bind(target) : value;
}
