/**
 * Compares the ledger's batches with other designs of the same move, all on the disk before they are acknowledged.
 * `npm run bench -- ledger [--pgledger FILE …]`: the files are pgledger's SQL in the order in which they are loaded.
 */
import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { Client, Pool } from "pg";
import type { ClientConfig } from "pg";
import { pino } from "pino";
import { startEmbeddedPostgres } from "../server/src/db/embedded-postgres.ts";
import { findPostmaster } from "../server/src/db/postmaster.ts";
import { migrate } from "../server/src/db/migrate.ts";
import { Ledger } from "../server/src/ledger/ledger.ts";
import type { Capture, Hold, Move, Operation } from "../server/src/ledger/rules/operation.ts";
import { verifyLedger } from "../server/src/ledger/verify-ledger.ts";
import { moveInOneStatement, moveSerializable } from "./ledger/designs.ts";
import { cpuMs } from "./ledger/cpu.ts";
import { callersAtOnce, quantile, stepsAtPace } from "./ledger/load.ts";
import type { Load } from "./ledger/load.ts";
import { openPgledger, transferByPgledger } from "./ledger/pgledger.ts";
import type { PgledgerAccounts } from "./ledger/pgledger.ts";
import { median } from "./median.ts";

const CALLERS = 24;
const SECONDS = 3;
const ROUNDS = 3;
const [PAYERS, PAYEES] = [2_000, 200];
const FUNDS = 10n ** 15n;
const DAY = "2026-11-29";

export async function measureLedger(words: readonly string[]): Promise<string[]> {
  const { values } = parseArgs({ args: [...words], options: { pgledger: { type: "string", multiple: true } } });
  const folder = await mkdtemp(path.join(os.tmpdir(), "starai-bench-"));
  await chmod(folder, 0o755);
  const log = pino({ level: "silent" });
  const postgres = await startEmbeddedPostgres(folder, path.join(folder, "binaries"), log);
  try {
    await using bench = await openBench(postgres.connection, values.pgledger ?? []);
    const postmaster = findPostmaster(path.join(folder, "data"))?.pid ?? 0;
    return [...(await compare(bench, postmaster)), "", await latency(bench), "", await audit(bench)];
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Bench extends AsyncDisposable {
  readonly ledger: Ledger;
  readonly pool: Pool;
  readonly clients: readonly Client[];
  readonly payers: readonly number[];
  readonly payees: readonly number[];
  readonly fees: number;
  readonly pgledger: { readonly accounts: PgledgerAccounts; readonly clients: readonly Client[] } | null;
}

async function openBench(connection: ClientConfig, pgledgerFiles: readonly string[]): Promise<Bench> {
  const pool = new Pool({ ...connection, max: 1 });
  pool.on("error", () => {});
  await migrate(pool);
  const ledger = new Ledger(connection);
  const open = (kind: "person" | "earner" | "fees" | "chain_deposits", owner: string) =>
    ledger.openAccount({ asset: "coin", kind, owner });
  const chain = await open("chain_deposits", "house");
  const many = (count: number, kind: "person" | "earner") =>
    Promise.all(Array.from({ length: count }, (_, number) => open(kind, `bench:${number}`)));
  const [payers, payees] = [await many(PAYERS, "person"), await many(PAYEES, "earner")];
  await Promise.all(payers.map((to) => ledger.do(move({ from: chain, to, amount: FUNDS }))));
  const clients = await connectAll(connection);
  const pgledger = pgledgerFiles.length === 0 ? null : await openTheirs(connection, pgledgerFiles);
  await pool.query("vacuum analyze");
  return {
    ledger,
    pool,
    clients,
    payers,
    payees,
    pgledger,
    fees: await open("fees", "house"),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...clients, ...(pgledger?.clients ?? [])].map((client) => client.end()));
      await ledger[Symbol.asyncDispose]();
      await pool.end();
    },
  };
}

async function openTheirs(connection: ClientConfig, files: readonly string[]): Promise<NonNullable<Bench["pgledger"]>> {
  const admin = new Client(connection);
  await admin.connect();
  await admin.query("create database pgledger");
  await admin.end();
  const clients = await connectAll({ ...connection, database: "pgledger" }, CALLERS / 2);
  return { clients, accounts: await openPgledger(clients[0]!, { files, payers: PAYERS, payees: PAYEES }) };
}

function connectAll(connection: ClientConfig, count = CALLERS): Promise<Client[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const client = new Client(connection);
      // Where the bench fails, PostgreSQL stops before its connections are closed; the failure is what counts.
      client.on("error", () => {});
      await client.connect();
      return client;
    }),
  );
}

interface Design {
  readonly name: string;
  /** What it is compared with: the first design of that name. */
  readonly of: "spread" | "hot" | null;
  readonly work: (caller: number) => Promise<number>;
}

function designsOf(bench: Bench): Design[] {
  const { ledger, clients, payers, payees, fees, pgledger } = bench;
  const sides = (hot: boolean) => ({ from: pick(payers), to: hot ? fees : pick(payees), amount: 1_000n });
  const each = (design: (hot: boolean) => Design): Design[] => [design(false), design(true)];
  return [
    { name: "`select 1`", of: null, work: (caller) => one(clients[caller]!.query("select 1")) },
    ...each((hot) => ({
      name: `batched: move, ${of(hot)}`,
      of: of(hot),
      work: () => one(doOne(ledger, move(sides(hot)))),
    })),
    ...each((hot) => ({
      name: `one statement: move, ${of(hot)}`,
      of: of(hot),
      work: (caller) => one(moveInOneStatement(clients[caller]!, sides(hot))),
    })),
    ...each((hot) => ({
      name: `SERIALIZABLE: move, ${of(hot)}`,
      of: of(hot),
      work: (caller) => one(moveSerializable(clients[caller]!, sides(hot))),
    })),
    ...(pgledger === null ? [] : each((hot) => theirs(pgledger, hot))),
    { name: "batched: hold, capture of two legs with one fee account, release", of: null, work: () => answer(bench) },
  ];
}

const of = (hot: boolean) => (hot ? ("hot" as const) : ("spread" as const));
const one = (work: Promise<unknown>): Promise<number> => work.then(() => 1);

function theirs({ accounts, clients }: NonNullable<Bench["pgledger"]>, hot: boolean): Design {
  return {
    name: `pgledger: transfer, ${of(hot)}`,
    of: of(hot),
    // Half as many connections: PostgreSQL's are bounded here, and two callers on one wait for each other.
    work: async (caller) => {
      const to = hot ? accounts.payees[0]! : pick(accounts.payees);
      await transferByPgledger(clients[caller % clients.length]!, { from: pick(accounts.payers), to });
      return 1;
    },
  };
}

/** One answer of one step: three operations. */
async function answer({ ledger, payers, payees, fees }: Bench): Promise<number> {
  const hold = holdOf(pick(payers));
  await doOne(ledger, hold);
  await doOne(ledger, captureOf(hold.id, { worker: pick(payees), fees }));
  await doOne(ledger, { verb: "release", hold: hold.id });
  return 3;
}

interface Measured extends Load {
  /** Processor time of an operation, in PostgreSQL and here, microseconds. */
  readonly cpuUs: number;
}

/** Each design once a round, so that what else the machine does meets all of them. */
async function compare(bench: Bench, postmaster: number): Promise<string[]> {
  const designs = designsOf(bench);
  const measured = new Map<string, Measured[]>(designs.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const { name, work } of designs) {
      const before = cpuMs(postmaster);
      const load = await callersAtOnce({ callers: CALLERS, seconds: SECONDS }, work);
      measured.get(name)!.push({ ...load, cpuUs: ((cpuMs(postmaster) - before) * 1_000) / load.done });
    }
  const medians = designs.map((design) => ({ ...design, ...medianOf(measured.get(design.name)!) }));
  const rows = medians.map((row) => {
    const first = medians.find((other) => row.of !== null && other.of === row.of);
    const isFirst = first === undefined || first.name === row.name;
    const ratios = isFirst
      ? "– | –"
      : `1/${(first.rate / row.rate).toFixed(1)} | ${(row.cpuUs / first.cpuUs).toFixed(1)}`;
    const [rate, cpu] = [Math.round(row.rate).toLocaleString("en"), Math.round(row.cpuUs).toLocaleString("en")];
    return `| ${row.name} | ${rate} | ${row.p50Ms.toFixed(1)}, ${row.p99Ms.toFixed(1)} | ${cpu} | ${ratios} |`;
  });
  return [
    `${CALLERS} callers for ${SECONDS} s, ${ROUNDS} rounds, all designs in each; ${PAYERS.toLocaleString("en")} payers, ${PAYEES} payees (spread) or one (hot); everything on the disk before it is acknowledged. Processor time is that of PostgreSQL and of this process together: where other programs want the same cores, a design of many connections gets more of them, and only this column compares.`,
    "",
    "| design | operations/s | ms an operation, p50, p99 | processor µs an operation | rate by the batched one's | processor time by the batched one's |",
    "|---|---:|---:|---:|---:|---:|",
    ...rows,
  ];
}

/** What a step of an answer waits for: its capture, beside the least any durable write takes on this machine. */
async function latency(bench: Bench): Promise<string> {
  const hold = holdOf(bench.payers[0]!);
  await doOne(bench.ledger, { ...hold, amount: FUNDS / 2n });
  await bench.pool.query("create table bench_floor (at timestamptz)");
  const step = () => doOne(bench.ledger, captureOf(hold.id, { worker: pick(bench.payees), fees: bench.fees }));
  const floor = () => bench.pool.query("insert into bench_floor values (now())");
  const lines: string[] = [];
  for (const pace of [
    { perSecond: 1, steps: 15 },
    { perSecond: 100, steps: 1_000 },
  ]) {
    const [captured, bare] = [await stepsAtPace(pace, step), await stepsAtPace(pace, floor)];
    lines.push(`${halfAndMost(captured)} at ${pace.perSecond} a second (an insert of one row: ${halfAndMost(bare)})`);
  }
  await doOne(bench.ledger, { verb: "release", hold: hold.id });
  return `A step's capture takes (p50 and p95) ${lines.join(", ")}.`;
}

function halfAndMost(times: readonly number[]): string {
  return `${quantile(times, 0.5).toFixed(1)} and ${quantile(times, 0.95).toFixed(1)} ms`;
}

/** The designs wrote into the same books, which must add up after all that. */
async function audit({ pool }: Bench): Promise<string> {
  const { findings, looked } = await verifyLedger(pool, { now: new Date(), whole: true });
  if (findings.length > 0) throw new Error(`the books are wrong: ${JSON.stringify(findings)}`);
  return `Afterwards the books add up: ${looked.postings.toLocaleString("en")} postings looked at.`;
}

async function doOne(ledger: Ledger, operation: Operation): Promise<void> {
  const outcome = await ledger.do(operation);
  if (outcome.kind !== "done") throw new Error(`${operation.verb}: ${JSON.stringify(outcome)}`);
}

const move = (sides: Pick<Move, "from" | "to" | "amount">): Move => ({
  verb: "move",
  key: randomUUID(),
  kind: "bench",
  ...sides,
});

function holdOf(account: number): Hold {
  const caps = [{ owner: `person:${account}`, amount: FUNDS }];
  const expiresAt = new Date(Date.now() + 900_000);
  return { verb: "hold", id: randomUUID(), account, amount: 5_000n, day: DAY, caps, expiresAt };
}

function captureOf(hold: string, { worker, fees }: { worker: number; fees: number }): Capture {
  const legs = [
    { to: worker, amount: 2_700n, kind: "earned" },
    { to: fees, amount: 300n, kind: "fee" },
  ];
  return { verb: "capture", key: randomUUID(), hold, legs };
}

function medianOf(measured: readonly Measured[]): Omit<Measured, "done"> {
  const of = (name: keyof Measured) => median(measured.map((one) => one[name]));
  return { rate: of("rate"), p50Ms: of("p50Ms"), p99Ms: of("p99Ms"), cpuUs: of("cpuUs") };
}

const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(Math.random() * values.length)]!;
