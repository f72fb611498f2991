/**
 * For tests: kills a process that pays out, or its PostgreSQL, again and again with SIGKILL, on a network that keeps some
 * messages and delivers them late, while the chain's time jumps past their validity. Then every payout is looked for on
 * the chain. Every wait has a bound, and what it says then.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Server } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";
import { Address, Cell, loadMessage } from "@ton/core";
import { pino } from "pino";
import { migrate } from "@starai/server/db/migrate";
import { connect } from "@starai/server/db/open-database";
import { payouts } from "@starai/server/db/schema";
import { openAccount } from "@starai/server/ledger/open-account";
import { openOwnPostgres } from "@starai/server/testing/own-postgres";
import type { OwnPostgres } from "@starai/server/testing/own-postgres";
import { openPayoutHouse } from "./payout-house.ts";
import type { PayoutHouse } from "./payout-house.ts";
import type { PayoutsChildSetup } from "./payouts-child.ts";

const CHILD = fileURLToPath(new URL("payouts-child.ts", import.meta.url));
const AMOUNT = 1_000_000n;
const FEE = 10_000n;
/** Lines that a process writes before it is killed: up to four batches' worth. */
const LINES_MAX = 24;
const KEPT_PERCENT = 20;
/** Past the validity of every message that was signed before. */
const JUMP_MS = 400_000;
/** From a start to a kill: loading alone takes many seconds on a busy machine. */
const LIFE_MS_MAX = 240_000;
/** Hundreds of payouts in batches of 32, the vault asked in between. */
const FINISH_MS_MAX = 900_000;
/** For the chain and for PostgreSQL, which recovers first. */
const PATIENCE_MS = 120_000;

/** Lines of a step that the database answered. */
const WORKING: ReadonlySet<string> = new Set(["done", "idle", "sending", "sent"]);

type How = Pick<PayoutsChildSetup, "keptPercent" | "without">;

export interface PayoutsCrashReport {
  readonly kills: { readonly process: number; readonly database: number };
  readonly asked: number;
  /** Whose wallet did not get it. */
  readonly lost: number;
  /** Whose wallet got more than was asked for. */
  readonly doubled: number;
  /** Messages that the network delivered late. */
  readonly late: number;
  readonly batches: Readonly<Record<string, number>>;
}

export interface PayoutsCrashOptions {
  readonly kills: number;
  readonly random: () => number;
  /** Every kill is then at the moment that this guard is for. */
  readonly without?: PayoutsChildSetup["without"];
}

export async function crashPayouts(options: PayoutsCrashOptions): Promise<PayoutsCrashReport> {
  await using postgres = await openOwnPostgres();
  const database = connect(postgres.connection, pino({ level: "silent" }), async () => undefined);
  await migrate(database.pg);
  const house = await openPayoutHouse(database);
  const server = serve({ fetch: house.test.ton.routes.fetch, port: 0, hostname: "127.0.0.1" });
  await once(server, "listening");
  const crash = new Crash({ house, postgres, port: (server.address() as { port: number }).port }, options);
  try {
    await house.look();
    for (let kill = 0; kill < options.kills; kill++) await crash.live();
    await crash.finish();
    return await crash.audit();
  } finally {
    crash.end();
    server.close();
    (server as Server).closeAllConnections();
    await within(PATIENCE_MS, () => "the house did not close", house[Symbol.asyncDispose]());
  }
}

/** @throws what `why` says where the work takes longer: a test that only stands still tells nobody anything */
async function within<Value>(ms: number, why: () => string, work: Promise<Value>): Promise<Value> {
  const waiting = new AbortController();
  const late = sleep(ms, undefined, { signal: waiting.signal }).then(() => {
    throw new Error(`after ${ms / 1_000} s ${why()}`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    waiting.abort();
  }
}

interface Places {
  readonly house: PayoutHouse;
  readonly postgres: OwnPostgres;
  /** Of the chain's endpoint. */
  readonly port: number;
}

class Crash {
  readonly #house: PayoutHouse;
  readonly #postgres: OwnPostgres;
  readonly #endpoint: string;
  readonly #options: PayoutsCrashOptions;
  readonly #asked: Address[] = [];
  readonly #kept: Buffer[] = [];
  readonly #kills = { process: 0, database: 0 };
  #late = 0;
  #child: ChildProcess | null = null;
  /** Of the process: what it wrote last. */
  #last = "nothing yet";
  /** Withdrawals without an outcome, when somebody last looked. */
  #open = "not looked at";

  constructor({ house, postgres, port }: Places, options: PayoutsCrashOptions) {
    this.#house = house;
    this.#postgres = postgres;
    this.#endpoint = `http://127.0.0.1:${port}/ton/api/v2/jsonRPC`;
    this.#options = options;
  }

  /** From a start to a kill, after a few lines: at a moment drawn from these. Every other time PostgreSQL is killed before. */
  async live(): Promise<void> {
    const { random, without = null } = this.#options;
    await this.#ask(1 + Math.floor(random() * 3));
    if (random() < 0.3) this.#house.test.opened.clock.advance(JUMP_MS);
    let left = 1 + Math.floor(random() * LINES_MAX);
    const enough = (line: string) => (without === null ? --left <= 0 : line === "sent early");
    let hasDatabaseToKill = without === null && this.#kills.process % 2 === 1;
    let isAway = false;
    const see = async (line: string) => {
      // What it writes without a database is no work.
      if (isAway && !WORKING.has(line)) return false;
      isAway = false;
      if (line === "looked" && random() < 0.1) await this.#deliverLate();
      if (line === "looked" && random() < 0.5) await this.#ask(1);
      if (!enough(line)) return false;
      if (!hasDatabaseToKill) return true;
      await this.#killDatabase();
      [hasDatabaseToKill, isAway, left] = [false, true, 1 + Math.floor(random() * LINES_MAX)];
      return false;
    };
    await this.#run({ keptPercent: KEPT_PERCENT, without }, { ms: LIFE_MS_MAX, enough: see });
    this.#kills.process++;
  }

  /** Resolves once it is up again. */
  async #killDatabase(): Promise<void> {
    await this.#postgres.kill();
    this.#kills.database++;
    const isUp = () =>
      this.#house.ctx.pg.query("select 1").then(
        () => true,
        () => false,
      );
    const up = async () => {
      while (!(await isUp())) await sleep(100);
    };
    await within(PATIENCE_MS, () => "PostgreSQL was not up again", up());
  }

  /** Until nothing is under way any more. */
  async finish(): Promise<void> {
    while (this.#kept.length > 0) await this.#deliverLate();
    this.#house.test.opened.clock.advance(JUMP_MS);
    const enough = async (line: string) => line === "looked" && (await this.#isOver());
    await this.#run({ keptPercent: 0, without: null }, { ms: FINISH_MS_MAX, enough });
    await within(PATIENCE_MS, () => "the chain had not settled", this.#house.settled());
  }

  end(): void {
    this.#child?.kill("SIGKILL");
  }

  async audit(): Promise<PayoutsCrashReport> {
    const { embedded, expectRight, ctx } = this.#house;
    await expectRight();
    const got = this.#asked.map((address) => embedded.account(address).account?.storage.balance.coins ?? 0n);
    const { rows } = await ctx.pg.query<{ state: string; count: string }>(
      "select state, count(*) from outgoing_batches group by state",
    );
    return {
      kills: this.#kills,
      asked: this.#asked.length,
      lost: got.filter((amount) => amount < AMOUNT).length,
      doubled: got.filter((amount) => amount > AMOUNT).length,
      late: this.#late,
      batches: Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)])),
    };
  }

  /** Further payouts, each to a wallet of its own. */
  async #ask(count: number): Promise<void> {
    const { ctx } = this.#house;
    const from = await openAccount(ctx.pg, { asset: "coin", kind: "own", owner: "deposits" });
    for (let at = 0; at < count; at++) {
      const [id, wallet] = [randomUUID(), new Address(0, randomBytes(32))];
      const to = await openAccount(ctx.pg, { asset: "coin", kind: "in_flight", owner: `payout:${id}` });
      await ctx.ledger.do({ verb: "move", key: id, from, to, amount: AMOUNT + FEE, kind: "withdrawal" });
      const asked = { id, person: randomUUID(), wallet: wallet.toRawString(), amount: AMOUNT, fee: FEE };
      await ctx.db.insert(payouts).values({ ...asked, state: "waiting", readyAt: new Date() });
      this.#asked.push(wallet);
    }
  }

  async #deliverLate(): Promise<void> {
    const boc = this.#kept.shift();
    if (boc === undefined) return;
    this.#late++;
    // A wallet refuses what is too late, or has run already.
    const sent = this.#house.embedded.send(loadMessage(Cell.fromBoc(boc)[0]!.beginParse())).catch(() => undefined);
    await within(PATIENCE_MS, () => "the chain had not taken a late message", sent);
  }

  async #isOver(): Promise<boolean> {
    const { rows } = await this.#house.ctx.pg.query<{ state: string; left_out: number | null; count: string }>(
      `select p.state, o.left_out, count(*) from payouts p left join outgoing o on o.kind = 'payout' and o.ref = p.id
       where p.ended_at is null group by 1, 2`,
    );
    this.#open = JSON.stringify(rows);
    return rows.length === 0;
  }

  /** A process from its start until `enough` of its lines, which come within so many ms. */
  async #run(how: How, { ms, enough }: { ms: number; enough: (line: string) => Promise<boolean> }): Promise<void> {
    const stuck = () =>
      `the process was not to be killed yet; kills: ${JSON.stringify(this.#kills)}, its last line: ${this.#last}, withdrawals without an outcome: ${this.#open}`;
    await within(ms, stuck, this.#untilKilled(how, enough));
  }

  async #untilKilled(how: How, enough: (line: string) => Promise<boolean>): Promise<void> {
    const child = spawn(process.execPath, ["--import", "tsx", CHILD, JSON.stringify({ ...this.#setup(), ...how })], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    const exited = once(child, "exit");
    for await (const line of createInterface({ input: child.stdout })) {
      this.#last = line.slice(0, 80);
      if (line.startsWith("kept ")) this.#kept.push(Buffer.from(line.slice(5), "base64"));
      if (child.killed || !(await enough(line))) continue;
      child.kill("SIGKILL");
    }
    const [code] = (await exited) as [number | null];
    if (code !== null) throw new Error(`the process ended by itself with ${code}`);
  }

  #setup(): Omit<PayoutsChildSetup, keyof How> {
    const { chain, database, test } = this.#house;
    const { deposits, till, distributor } = chain;
    return {
      database: database.connection,
      endpoint: this.#endpoint,
      networkId: chain.networkId,
      contracts: {
        deposits: deposits.toRawString(),
        till: till.toRawString(),
        distributor: distributor.toRawString(),
      },
      hotSeed: chain.hotSeed!.toString("hex"),
      aheadMs: test.opened.clock.offsetMs,
    };
  }
}
