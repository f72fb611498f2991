/**
 * For tests: a developer's requests to a server that is killed with SIGKILL again and again, and its PostgreSQL with it.
 * Each request has an Idempotency-Key and is asked again until it is answered; then it must have been paid once.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { drizzle } from "drizzle-orm/node-postgres";
import { Pool } from "pg";
import { pino } from "pino";
import { sweepBills } from "../billing/sweep-bills.ts";
import { readConfig } from "../config.ts";
import { createContext } from "../create-context.ts";
import { migrate } from "../db/migrate.ts";
import { hashOfKey, newApiKey } from "../gateway/api-keys.ts";
import { idempotentJobKey } from "../gateway/idempotency.ts";
import { Ledger } from "../ledger/ledger.ts";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import type { Finding } from "../ledger/verify-ledger.ts";
import { openOwnPostgres } from "./own-postgres.ts";
import type { OwnPostgres } from "./own-postgres.ts";
import { plumbingModel } from "./pool-stack.ts";
import { ScriptedWorker } from "./scripted-worker.ts";
import { startServerProcess } from "./server-process.ts";
import type { ServerProcess } from "./server-process.ts";

const CALLERS = 6;
const FUNDS = 10n ** 15n;
const DAY_CAP = 1_000_000_000n;
/** Answers between two kills: a number drawn from these, so that a kill meets requests in every state. */
const [ANSWERS_MIN, ANSWERS_MAX] = [2, 25];
/** Longer than any answer takes here. */
const PATIENCE_MS = 90_000;
const AN_HOUR_MS = 3_600_000;

export interface BillingReport {
  readonly kills: { readonly server: number; readonly database: number };
  readonly answered: number;
  /** Answered requests that nobody paid for. */
  readonly unpaid: number;
  /** Answered requests that were paid for more than once. */
  readonly doubled: number;
  /** Nano units by which the balance differs from what was put in less what the receipts say. */
  readonly astray: bigint;
  /** Jobs that were paid for, and whose worker has no credit note of it. */
  readonly unnoted: number;
  /** Bills and holds that nothing will close any more. */
  readonly left: number;
  readonly findings: readonly Finding[];
}

export async function crashBilling({ kills, random }: { kills: number; random: () => number }): Promise<BillingReport> {
  await using postgres = await openOwnPostgres();
  const pool = openPool(postgres);
  const shop = new Shop(postgres, await prepare(postgres, pool));
  try {
    const count = { server: 0, database: 0 };
    await shop.open();
    for (let kill = 0; kill < kills; kill++) {
      await shop.answer(ANSWERS_MIN + Math.floor(random() * (ANSWERS_MAX - ANSWERS_MIN)));
      const victim = kill % 2 === 0 ? "server" : "database";
      count[victim]++;
      await (victim === "server" ? shop.killServer() : postgres.kill());
    }
    await shop.answer(1);
    await shop.finish();
    await shop.close();
    return { kills: count, ...(await audit(pool, shop)) };
  } finally {
    await shop.close();
    await pool.end();
  }
}

interface Customer {
  readonly person: string;
  readonly key: string;
}

async function prepare(postgres: OwnPostgres, pool: Pool): Promise<Customer> {
  await migrate(pool);
  const { rows } = await pool.query<{ id: string }>(
    "insert into people (telegram_id, name) values (1, 'Ann') returning id",
  );
  const person = rows[0]!.id;
  const key = newApiKey();
  const made = await pool.query<{ id: string }>(
    "insert into api_keys (name, hash, owner) values ('crash', $1, $2) returning id",
    [hashOfKey(key), person],
  );
  for (const owner of [`person:${person}`, `key:${made.rows[0]!.id}`])
    await pool.query("insert into spending_caps (owner, day) values ($1, $2)", [owner, DAY_CAP]);
  await using ledger = new Ledger(postgres.connection);
  const from = await ledger.openAccount({ asset: "stars", kind: "telegram_stars", owner: "house" });
  const to = await ledger.openAccount({ asset: "stars", kind: "person", owner: `person:${person}` });
  await ledger.do({ verb: "move", key: randomUUID(), from, to, amount: FUNDS, kind: "topup" });
  return { person, key };
}

/** Its connections break while it is open; without listeners that would end this process. */
function openPool({ connection }: OwnPostgres): Pool {
  const pool = new Pool(connection);
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** The server, its one machine, and those who ask it. */
class Shop {
  readonly #postgres: OwnPostgres;
  readonly #customer: Customer;
  readonly #callers: Promise<void>[] = [];
  readonly #worker = new ScriptedWorker("crash", [plumbingModel({ tokenIds: false })]);
  /** Idempotency-Keys of answered requests. */
  readonly answered = new Set<string>();
  #server: ServerProcess | null = null;
  #isOpen = true;
  #isAsking = true;

  constructor(postgres: OwnPostgres, customer: Customer) {
    this.#postgres = postgres;
    this.#customer = customer;
  }

  get person(): string {
    return this.#customer.person;
  }

  async open(): Promise<void> {
    this.#server = await startServerProcess(this.#postgres.connection, { logLevel: "silent" });
    if (this.#callers.length > 0) return;
    this.#callers.push(this.#work(), ...Array.from({ length: CALLERS }, () => this.#askForEver()));
  }

  /** Until so many more requests were answered. */
  async answer(more: number): Promise<void> {
    const enough = this.answered.size + more;
    const until = performance.now() + PATIENCE_MS;
    while (this.answered.size < enough) {
      if (this.#server !== null && this.#server.code !== null) await this.#restart();
      if (performance.now() > until) throw new Error(`no more than ${this.answered.size} requests were answered`);
      await sleep(20);
    }
  }

  async killServer(): Promise<void> {
    process.kill(this.#server!.pid, "SIGKILL");
    await this.#restart();
  }

  /** A server that lost its database for good ends by itself, as one that was killed: the next one takes over. */
  async #restart(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    await server?.[Symbol.asyncDispose]();
    await this.open();
  }

  /** Lets every request come to its answer. */
  async finish(): Promise<void> {
    this.#isAsking = false;
    const [, ...callers] = this.#callers;
    await Promise.all(callers);
  }

  /** Also a second time. */
  async close(): Promise<void> {
    [this.#isOpen, this.#isAsking] = [false, false];
    this.#worker.kill();
    await Promise.allSettled(this.#callers);
    await this.#server?.[Symbol.asyncDispose]();
  }

  async #askForEver(): Promise<void> {
    while (this.#isAsking) {
      const key = randomUUID();
      while (this.#isOpen && !(await this.#ask(key))) await sleep(50);
      if (this.#isOpen) this.answered.add(key);
    }
  }

  async #ask(key: string): Promise<boolean> {
    const headers = {
      authorization: `Bearer ${this.#customer.key}`,
      "content-type": "application/json",
      "idempotency-key": key,
    };
    const body = JSON.stringify({ model: "smollm2-135m", messages: [{ role: "user", content: key }] });
    try {
      const response = await fetch(`${this.#server!.url}/v1/chat/completions`, { method: "POST", headers, body });
      await response.text();
      if ([400, 401, 402, 404, 422].includes(response.status)) throw new Refused(`${response.status}`);
      return response.status === 200;
    } catch (error) {
      if (error instanceof Refused) throw error;
      return false;
    }
  }

  /** Answers every lease, and joins again whenever the server is gone. */
  async #work(): Promise<void> {
    while (this.#isOpen) {
      try {
        await this.#worker.join(this.#server!.url);
        for (;;) {
          const lease = await this.#worker.lease();
          for (const piece of ["An answer ", "of some ", "words."]) {
            await sleep(Math.random() * 8);
            this.#worker.tokens(lease, null, piece);
          }
          this.#worker.done(lease);
        }
      } catch {
        await sleep(100);
      }
    }
  }
}

/** The server said that it will never answer: no kill may lead to that. */
class Refused extends Error {}

async function audit(pool: Pool, { answered, person }: Shop): Promise<Omit<BillingReport, "kills">> {
  // Between a bill and its job a kill leaves a bill to the sweep of a quarter of an hour later.
  const ctx = contextOf(pool);
  await sweepBills({ ...ctx, clock: () => Date.now() + AN_HOUR_MS });
  await ctx.ledger[Symbol.asyncDispose]();
  const { rows: paid } = await pool.query<{ key: string; bills: string }>(
    `select j.key, count(*) filter (where b.amount > 0) as bills from jobs j join bills b on b.id = j.bill group by j.key`,
  );
  // A request that failed unpaid was asked again by another job; the first one has the key with something after it.
  const times = [...answered].map((key) => {
    const ofRequest = idempotentJobKey({ id: "", owner: person }, key);
    return sumOf(paid.filter((row) => row.key.startsWith(ofRequest)).map(({ bills }) => bills));
  });
  const { rows } = await pool.query<{ astray: string; unnoted: string; left: string }>(
    `select a.balance - ($2::bigint - (select coalesce(sum(amount), 0) from bills)) as astray,
       (select count(*) from jobs j join bills b on b.id = j.bill where b.amount > 0 and j.state = 'done'
         and not exists (select from credit_notes n where n.job = j.id)) as unnoted,
       (select count(*) from bills where closed_at is null) + (select count(*) from ledger_holds where closed_at is null) as left
     from ledger_accounts a where a.kind = 'person' and a.owner = $1`,
    [`person:${person}`, FUNDS],
  );
  return {
    answered: answered.size,
    unpaid: times.filter((count) => count === 0).length,
    doubled: times.filter((count) => count > 1).length,
    astray: BigInt(rows[0]!.astray),
    unnoted: Number(rows[0]!.unnoted),
    left: Number(rows[0]!.left),
    findings: (await verifyLedger(pool, { now: new Date(), whole: true })).findings,
  };
}

function contextOf(pg: Pool) {
  const config = readConfig({ STARAI_HOME: "/nowhere", STARAI_MODELS: "/nowhere", STARAI_BOT_KEY: "0".repeat(32) });
  return createContext({ config, log: pino({ level: "silent" }), db: drizzle(pg), pg });
}

function sumOf(counts: readonly string[]): number {
  return counts.reduce((sum, count) => sum + Number(count), 0);
}
