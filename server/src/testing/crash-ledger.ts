/**
 * For tests: kills a process that works on a ledger, and its PostgreSQL, again and again with SIGKILL, and counts what
 * was acknowledged and is gone, and what happened more than once.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Pool } from "pg";
import { pino } from "pino";
import { startEmbeddedPostgres } from "../db/embedded-postgres.ts";
import type { EmbeddedPostgres } from "../db/embedded-postgres.ts";
import { migrate } from "../db/migrate.ts";
import { findPostmaster } from "../db/postmaster.ts";
import { Ledger } from "../ledger/ledger.ts";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import type { Finding } from "../ledger/verify-ledger.ts";
import type { Guard, LedgerChildSetup } from "./ledger-child.ts";
import { EARNED, EFFECTS, FEE, effectOf } from "./ledger-traffic.ts";
import type { TrafficAccounts } from "./ledger-traffic.ts";

const CALLERS = 24;
const CHILD = fileURLToPath(new URL("ledger-child.ts", import.meta.url));
/** Work done between two kills: a moment drawn from these, counted in acknowledgements. */
const [ACKS_MIN, ACKS_MAX] = [40, 400];
const PERSONS = 8;
const FUNDS = 10n ** 15n;

export interface CrashReport {
  readonly kills: { readonly server: number; readonly database: number };
  readonly acknowledged: number;
  readonly perSecond: number;
  /** Acknowledged operations that have no row, or that happened anew when they were asked again. */
  readonly lost: number;
  /** Steps of an answer that left more than one effect. */
  readonly doubled: number;
  /** Nano units by which the accounts differ from what the acknowledged captures add up to. */
  readonly astray: bigint;
  /** Operations that met books which do not know what was acknowledged before. */
  readonly refused: number;
  readonly findings: readonly Finding[];
}

export interface CrashOptions {
  readonly kills: number;
  readonly random: () => number;
  readonly without?: Guard;
}

export async function crashLedger({ kills, random, without }: CrashOptions): Promise<CrashReport> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "starai-crash-"));
  await chmod(folder, 0o755);
  const binaries = path.join(os.tmpdir(), `starai-postgres-${os.userInfo().uid}`);
  const postgres = await startEmbeddedPostgres(folder, binaries, pino({ level: "silent" }));
  let crash: Crash | null = null;
  try {
    crash = new Crash({ postgres, folder, accounts: await prepare(postgres), without: without ?? null });
    const count = { server: 0, database: 0 };
    const began = performance.now();
    for (let kill = 0; kill < kills; kill++) {
      await crash.work(ACKS_MIN + Math.floor(random() * (ACKS_MAX - ACKS_MIN)));
      const victim = kill % 2 === 0 ? "database" : "server";
      count[victim]++;
      await crash.kill(victim);
    }
    await crash.work(1);
    await crash.finish();
    const seconds = (performance.now() - began) / 1_000;
    return { kills: count, ...(await crash.audit(seconds)) };
  } finally {
    crash?.end();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function prepare(postgres: EmbeddedPostgres): Promise<TrafficAccounts> {
  const pool = openPool(postgres);
  try {
    await migrate(pool);
    await using ledger = new Ledger(postgres.connection);
    const open = (kind: "person" | "earner" | "fees", number: number) =>
      ledger.openAccount({ asset: "coin", kind, owner: `${kind}:${number}` });
    const chain = await ledger.openAccount({ asset: "coin", kind: "chain_deposits", owner: "house" });
    const persons = await Promise.all(Array.from({ length: PERSONS }, (_, number) => open("person", number)));
    for (const to of persons)
      await ledger.do({ verb: "move", key: crypto.randomUUID(), from: chain, to, amount: FUNDS, kind: "deposit" });
    return { persons, workers: [await open("earner", 0), await open("earner", 1)], fees: await open("fees", 0) };
  } finally {
    await pool.end();
  }
}

/** Its connections may break while it closes; without listeners that would end this process. */
function openPool({ connection }: EmbeddedPostgres): Pool {
  const pool = new Pool(connection);
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

interface CrashParts {
  readonly postgres: EmbeddedPostgres;
  readonly folder: string;
  readonly accounts: TrafficAccounts;
  readonly without: Guard | null;
}

class Crash {
  readonly #parts: CrashParts;
  readonly #acknowledged = new Set<string>();
  readonly #open = new Set<number>();
  #acks = 0;
  #happenedAnew = 0;
  #refused = 0;
  #next = 1;
  #lives = 0;
  #child: ChildProcess | null = null;
  #lines: Promise<unknown> = Promise.resolve();

  constructor(parts: CrashParts) {
    this.#parts = parts;
  }

  /**
   * Until so many more operations were acknowledged and an answer is between two of its captures; by a new process where
   * the last one was killed.
   */
  async work(acks: number): Promise<void> {
    this.#child ??= this.#launch();
    const enough = this.#acks + acks;
    while (this.#acks < enough || !this.#isBetweenCaptures()) {
      const { exitCode, signalCode } = this.#child;
      if (exitCode !== null || signalCode !== null)
        throw new Error(`the process ended by itself with ${exitCode ?? signalCode}`);
      await sleep(5);
    }
  }

  /** Leaves no process behind, whatever went wrong. */
  end(): void {
    this.#child?.kill("SIGKILL");
  }

  #isBetweenCaptures(): boolean {
    return [...this.#open].some(
      (answer) => this.#acknowledged.has(`${answer} 1`) && !this.#acknowledged.has(`${answer} 2`),
    );
  }

  async kill(victim: "server" | "database"): Promise<void> {
    if (victim === "server") return this.#end("SIGKILL");
    const postmaster = findPostmaster(path.join(this.#parts.folder, "data"));
    if (postmaster === null) throw new Error("PostgreSQL does not run");
    process.kill(postmaster.pid, "SIGKILL");
  }

  /** Lets everything that was begun come to its end. */
  finish(): Promise<void> {
    return this.#end("SIGTERM");
  }

  async audit(seconds: number): Promise<Omit<CrashReport, "kills">> {
    const pool = openPool(this.#parts.postgres);
    try {
      if (this.#open.size > 0) throw new Error(`${this.#open.size} answers did not end`);
      const { rows } = await pool.query<{ key: string }>(
        "select key from ledger_postings where hold is not null and leg = 0 union all select id from ledger_holds",
      );
      const effects = rows.map(({ key }) => effectOf(key));
      const kept = new Set(effects);
      const gone = [...this.#acknowledged].filter((effect) => !kept.has(effect)).length;
      return {
        acknowledged: this.#acks,
        perSecond: Math.round(this.#acks / seconds),
        lost: gone + this.#happenedAnew,
        doubled: effects.length - kept.size,
        astray: await this.#astray(pool),
        refused: this.#refused,
        findings: (await verifyLedger(pool, { now: new Date(), whole: true })).findings,
      };
    } finally {
      await pool.end();
    }
  }

  #launch(): ChildProcess {
    const { postgres, accounts, without } = this.#parts;
    const setup: LedgerChildSetup = {
      connection: postgres.connection,
      accounts,
      callers: CALLERS,
      without,
      unfinished: [...this.#open],
      next: this.#next,
      life: ++this.#lives,
    };
    const child = spawn(process.execPath, ["--import", "tsx", CHILD, JSON.stringify(setup)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => this.#onLine(line));
    this.#lines = once(lines, "close");
    return child;
  }

  async #end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    this.#child?.kill(signal);
    // What it had written before it was killed still comes.
    await this.#lines;
    this.#child = null;
  }

  #onLine(line: string): void {
    const [word, answer = "", step] = line.split(" ");
    const number = Number(answer);
    if (word === "begin") {
      this.#open.add(number);
      this.#next = Math.max(this.#next, number + 1);
    } else if (word === "end") this.#open.delete(number);
    else if (word === "done" || word === "again") this.#acknowledge(`${answer} ${step}`, word);
    else this.#refused++;
  }

  #acknowledge(effect: string, word: "done" | "again"): void {
    this.#acks++;
    if (Number(effect.split(" ")[1]) >= EFFECTS) return;
    if (word === "done" && this.#acknowledged.has(effect)) this.#happenedAnew++;
    this.#acknowledged.add(effect);
  }

  async #astray(pool: Pool): Promise<bigint> {
    const captures = [...this.#acknowledged].filter((effect) => !effect.endsWith(" 0")).length;
    const { workers, fees } = this.#parts.accounts;
    const { rows } = await pool.query<{ sum: string }>(
      "select sum(balance) from ledger_accounts where id = any($1::bigint[])",
      [[...workers, fees]],
    );
    return BigInt(rows[0]!.sum) - BigInt(captures) * (EARNED + FEE);
  }
}
