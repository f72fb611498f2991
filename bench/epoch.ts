/**
 * What an epoch's closing costs: time and memory here, coins on the chain, beside paying everybody by a message.
 * `npm run bench -- epoch [--long]`: with a million leaves, too.
 */
import { createHash } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setInterval } from "node:timers";
import { setTimeout } from "node:timers/promises";
import { Address } from "@ton/core";
import { Pool } from "pg";
import type { ClientConfig } from "pg";
import { pino } from "pino";
import { startEmbeddedPostgres } from "../server/src/db/embedded-postgres.ts";
import { connect } from "../server/src/db/open-database.ts";
import type { OpenDatabase } from "../server/src/db/open-database.ts";
import { migrate } from "../server/src/db/migrate.ts";
import { closeEpoch } from "../server/src/earnings/close-epoch.ts";
import type { SeenDistributor } from "../server/src/earnings/distributor.ts";
import { writeEpochFile } from "../server/src/earnings/epoch-file.ts";
import { LINES_AT_ONCE } from "../server/src/earnings/move-lines.ts";
import { runningEpoch } from "../server/src/earnings/running-epoch.ts";

const COIN = 10n ** 9n;
const DAY_S = 86_400;
const SIZES = [10, 10_000];
const LONG = 1_000_000;
/** Of a million, so many earn in one epoch. */
const EARNING_MAX = 10_000;
/** So that the writer is not what is measured; of its accounts each tenth one is the fees'. */
const WRITER_PAUSE_MS = 2;
const FEES_EACH = 10;
const NETWORK = -239;
/** Whole coins at the prices of June 2026 (contracts/README.md): proposing and opening a root, and a push of 255 at once. */
const ROOT_COST = 0.000519 + 0.000311 + 0.00051 + 0.000266;
const PUSH_COST = 0.000125;

export async function measureEpoch(words: readonly string[]): Promise<string[]> {
  const sizes = words.includes("--long") ? [...SIZES, LONG] : SIZES;
  const folder = await mkdtemp(path.join(os.tmpdir(), "starai-bench-"));
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres(folder, path.join(folder, "binaries"), pino({ level: "silent" }));
  try {
    const rows: string[] = [];
    for (const size of sizes) {
      const opened = await openDatabase(postgres.connection, `epoch_${size}`);
      rows.push(await measure(opened, size));
      await opened.close();
    }
    return [
      `A closing writes down who gets what and moves it to leaves in batches of ${LINES_AT_ONCE}; the file and its tree follow. Meanwhile one writer after the other takes a worker's account, or the fees, as an answer's end does: the longest wait is the longest that any of them had for it. Of a tree of ${LONG.toLocaleString("en")} leaves ${EARNING_MAX.toLocaleString("en")} grow. The house pays for the root, whatever its size; who claims pays 0.0036 once for any number of epochs.`,
      "",
      "| leaves | that grow | books moved | longest wait of a writer | file and root | most memory on top | a root on the chain, coins | everybody pushed to instead |",
      "|---:|---:|---:|---:|---:|---:|---:|---:|",
      ...rows,
    ];
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function openDatabase(connection: ClientConfig, database: string): Promise<OpenDatabase> {
  const admin = new Pool(connection);
  await admin.query(`create database ${database}`);
  await admin.end();
  const opened = connect({ ...connection, database }, pino({ level: "silent" }), async () => undefined);
  await migrate(opened.pg);
  return opened;
}

async function measure({ pg, db }: OpenDatabase, size: number): Promise<string> {
  const earning = Math.min(size, EARNING_MAX);
  await seed(pg, size, earning);
  const parts = { pg, db, clock: Date.now };
  const memory = watchMemory();
  const writers = await watchWriters(pg);
  const began = performance.now();
  const closed = await closeEpoch(parts, distributor());
  const moved = performance.now() - began;
  const waited = await writers.stop();
  if (typeof closed === "string") throw new Error(`the epoch was not closed: ${closed}`);
  const { last } = await runningEpoch(parts.db);
  await writeEpochFile(parts, last!, { networkId: NETWORK, distributor: `0:${"0".repeat(64)}` });
  const written = performance.now() - began - moved;
  const peak = memory.stop();
  return `| ${size.toLocaleString("en")} | ${earning.toLocaleString("en")} | ${seconds(moved)} | ${seconds(waited)} | ${seconds(written)} | ${peak} MiB | ${ROOT_COST.toFixed(4)} | ${(PUSH_COST * earning).toFixed(4)} |`;
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

/** As it would be after `size` owners' earlier epochs, with coins on the accounts of those who earn now. */
async function seed(pg: Pool, size: number, earning: number): Promise<void> {
  const wallets = Array.from(
    { length: size },
    (_, at) => `0:${createHash("sha256").update(`owner ${at}`).digest("hex")}`,
  );
  const before = size > earning ? wallets : [];
  for (let at = 0; at < before.length; at += 50_000)
    await pg.query("insert into epoch_leaves (wallet, cumulative, epoch) select unnest($1::text[]), 1000, 0", [
      before.slice(at, at + 50_000),
    ]);
  const now = wallets.slice(0, earning);
  await pg.query(
    `insert into chain_home (network_id, deposits, till, distributor, pinned_at) values ($1, 'd', 't', 'p', to_timestamp(0))`,
    [NETWORK],
  );
  await pg.query(
    `with owners as (select gen_random_uuid() as person, wallet, substr(wallet, 3) as worker from unnest($1::text[]) as wallet),
       bound as (insert into wallets (person, address, payouts_from) select person, wallet, now() from owners),
       paired as (insert into worker_bindings (worker, person) select worker, person from owners),
       known as (insert into credit_totals (worker, asset, first_epoch) select worker, 'coin', -1 from owners)
     insert into ledger_accounts (asset, kind, owner, signed, balance)
     select 'coin'::ledger_asset, 'earner', 'worker:' || worker, false, 1000000 from owners`,
    [now],
  );
  await pg.query("insert into ledger_accounts (asset, kind, owner, signed) values ('coin', 'fees', 'house', false)");
}

const distributor = (): SeenDistributor => ({
  ...({} as SeenDistributor),
  address: new Address(0, Buffer.alloc(32)),
  nowS: Math.floor(Date.now() / 1_000) + DAY_S,
  epoch: 0,
  totalCum: 0n,
  epochCap: 1_000_000n * COIN,
  epochSeconds: DAY_S,
  pending: null,
});

/** Takes one worker's account after the other, and now and then the fees, each in a transaction of its own. */
async function watchWriters(pg: Pool): Promise<{ stop(): Promise<number> }> {
  const { rows } = await pg.query<{ id: string }>("select id from ledger_accounts order by kind, hashint8(id)");
  const over = new AbortController();
  let longest = 0;
  const writing = (async () => {
    for (let nth = 0; !over.signal.aborted; nth++) {
      const began = performance.now();
      const { id } = nth % FEES_EACH === 0 ? rows.at(-1)! : rows[nth % rows.length]!;
      await pg.query("select from ledger_accounts where id = $1 for no key update", [id]);
      longest = Math.max(longest, performance.now() - began);
      await setTimeout(WRITER_PAUSE_MS);
    }
  })();
  return {
    stop: async () => {
      over.abort();
      await writing;
      return longest;
    },
  };
}

const rss = (): number => process.memoryUsage.rss();

/** Resident memory, looked at ten times a second; a thread that does not let it look counts when it does again. */
function watchMemory(): { stop(): number } {
  const before = rss();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, rss())), 100);
  return {
    stop: () => {
      clearInterval(timer);
      return Math.round((Math.max(most, rss()) - before) / 2 ** 20);
    },
  };
}
