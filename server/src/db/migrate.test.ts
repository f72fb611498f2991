/** What an older version left behind is still there, in today's shape. */
import fs from "node:fs/promises";
import path from "node:path";
import { randomBytes } from "node:crypto";
import { Client, Pool } from "pg";
import { expect, inject, test } from "vitest";
import { MIGRATIONS_FOLDER, migrate } from "./migrate.ts";
import { drizzleOver } from "./drizzle-over.ts";
import { writeEpochFile } from "../earnings/epoch-file.ts";
import { runningEpoch } from "../earnings/running-epoch.ts";
import { insertNotes } from "../billing/credit-notes.ts";
import { applyOperations } from "../ledger/apply-operations.ts";
import type { Operation } from "../ledger/rules/operation.ts";
import { inTransaction } from "../ledger/transaction.ts";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import { openLeftBehind } from "../testing/left-behind.ts";

const statements = async (name: string) =>
  (await fs.readFile(path.join(MIGRATIONS_FOLDER, `${name}.sql`), "utf8")).split("--> statement-breakpoint");

test("a conversation that was a line is a tree of one branch, with a row for every answer", async () => {
  const cluster = inject("cluster");
  const database = `migrate_${randomBytes(6).toString("hex")}`;
  const admin = new Client(cluster);
  await admin.connect();
  await admin.query(`create database ${database}`);
  const client = new Client({ ...cluster, database });
  await client.connect();
  try {
    for (const statement of await statements("0000_first_house")) await client.query(statement);
    await client.query(`
      insert into people (id, telegram_id, name) values ('00000000-0000-4000-8000-000000000001', 42, 'Ann');
      insert into threads (id, person_id, chat, closed_at, created_at) values
        ('00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-000000000001', 'telegram:42', now(), '2026-01-01'),
        ('00000000-0000-4000-8000-0000000000a2', '00000000-0000-4000-8000-000000000001', 'telegram:42', null, '2026-01-02');
      -- The second question came before the first was answered; the third failed; the fourth still runs.
      insert into messages (id, thread_id, role, text, created_at)
        select ('00000000-0000-4000-8000-0000000000b' || n)::uuid, '00000000-0000-4000-8000-0000000000a2', 'user', 'q' || n, now()
        from generate_series(1, 4) n order by n;
      insert into runs (id, thread_id, message_id, model, status, answer, finished_at)
        select ('00000000-0000-4000-8000-0000000000c' || n)::uuid, '00000000-0000-4000-8000-0000000000a2',
          ('00000000-0000-4000-8000-0000000000b' || n)::uuid, 'm',
          (array['answered', 'answered', 'failed', 'running'])[n]::run_status, case when n < 3 then 'a' || n else '' end,
          case when n < 4 then now() end
        from generate_series(1, 4) n;
      insert into messages (thread_id, role, text, run_id)
        select thread_id, 'assistant', answer, id from runs where status = 'answered' order by id desc;`);
    for (const statement of await statements("0001_threads_are_trees")) await client.query(statement);
    const branch = await client.query<{ text: string; run: string | null }>(`
      with recursive branch as (
        select head_id as id, 0 as d from threads where current
        union all select m.parent_id, d + 1 from branch join messages m on m.id = branch.id where m.parent_id is not null
      )
      select m.text, r.status as run from branch join messages m on m.id = branch.id
        left join runs r on r.answer_id = m.id order by d desc`);
    expect(branch.rows.map(({ text, run }) => (run === null ? text : `${text} (${run})`))).toEqual([
      "q1",
      "a1 (answered)",
      "q2",
      "a2 (answered)",
      "q3",
      " (failed)",
      "q4",
      " (running)",
    ]);
    const rows = await client.query(
      "select current, head_id is null as empty, updated_at > '2026-06-01' as fresh from threads order by created_at",
    );
    expect(rows.rows).toEqual([
      { current: false, empty: true, fresh: false },
      { current: true, empty: false, fresh: true },
    ]);
  } finally {
    await client.end();
    await admin.query(`drop database ${database} with (force)`);
    await admin.end();
  }
});

test("a title of unknown origin is kept as the person's; a chat without one may still be named", async () => {
  await using old = await openLeftBehind("0002_workers_pause");
  const pool = new Pool({ connectionString: old.url });
  await pool.query(`insert into threads (person_id, chat, title, current)
    values ('00000000-0000-4000-8000-000000000001', 'telegram:7', '', false)`);
  await migrate(pool);
  const { rows } = await pool.query("select title, titled_by, pinned, archived from threads order by title");
  await pool.end();
  expect(rows).toEqual([
    { title: "", titled_by: "question", pinned: false, archived: false },
    { title: "Rates", titled_by: "person", pinned: false, archived: false },
  ]);
});

test.each([
  ["0003_chats_are_kept", [], [{ bill: null, is_false: false }]],
  [
    "0004_the_ledger",
    [
      { asset: "coin", balance: "500000000", held: "0" },
      { asset: "stars", balance: "499000000000", held: "2000000000" },
    ],
    [{ bill: null, is_false: false }],
  ],
  [
    "0005_money",
    [
      { asset: "coin", balance: "500000000", held: "0" },
      { asset: "stars", balance: "500000000000", held: "3000000000" },
    ],
    [
      { bill: "00000000-0000-4000-8000-0000000000c1", is_false: false },
      { bill: "00000000-0000-4000-8000-0000000000c3", is_false: false },
    ],
  ],
  [
    "0006_money_on_chain",
    [
      { asset: "coin", balance: "350000000", held: "200000000" },
      { asset: "stars", balance: "500000000000", held: "3000000000" },
    ],
    [
      { bill: "00000000-0000-4000-8000-0000000000c1", is_false: false },
      { bill: "00000000-0000-4000-8000-0000000000c3", is_false: false },
    ],
  ],
  [
    "0007_contributors",
    [
      { asset: "coin", balance: "350000000", held: "200000000" },
      { asset: "stars", balance: "500000000000", held: "3000000000" },
    ],
    [
      { bill: "00000000-0000-4000-8000-0000000000c1", is_false: false },
      { bill: "00000000-0000-4000-8000-0000000000c3", is_false: false },
    ],
  ],
])("what people had by %s they have still, and the books are in order", async (tag, balances, work) => {
  await using old = await openLeftBehind(tag);
  const pool = new Pool({ connectionString: old.url });
  await migrate(pool);
  const verdict = await verifyLedger(pool, { now: new Date(), whole: true });
  const owned = await pool.query(
    "select asset, balance, held from ledger_accounts where owner like 'person:%' order by asset",
  );
  const working = await pool.query(
    "select distinct j.bill, a.is_false from jobs j join attempts a on a.job_id = j.id order by j.bill",
  );
  await pool.end();
  expect(verdict.findings).toEqual([]);
  expect(owned.rows).toEqual(balances);
  expect(working.rows).toEqual(work);
});

test("what a worker earned before there were notes is its first note, without what an answer under way may take back", async () => {
  await using old = await openLeftBehind("0006_money_on_chain");
  const pool = new Pool({ connectionString: old.url });
  await migrate(pool);
  const worker = "a".repeat(64);
  const totals = await pool.query("select worker, asset, notes, total, first_epoch from credit_totals");
  const notes = await pool.query(
    "select worker, asset, number, amount, total, at < now() - interval '3 hours' as is_past from credit_notes",
  );
  const bound = await pool.query("select worker, person from worker_bindings");
  // The answer under way ends, and what it gave is noted.
  const hold = "00000000-0000-4000-8000-0000000000c5";
  await inTransaction(pool, "begin", async (client) => {
    await applyOperations(client, [{ verb: "release", hold }], { halted: false });
    await insertNotes(client, [{ key: "00000000-0000-4000-8000-000000000094", job: hold }]);
  });
  const { findings } = await verifyLedger(pool, { now: new Date(), whole: true });
  const last = await pool.query("select number, amount, total from credit_notes where number > 1");
  await pool.end();
  expect(totals.rows).toEqual([{ worker, asset: "coin", notes: 1, total: "50000000", first_epoch: -1 }]);
  expect(notes.rows).toEqual([
    { worker, asset: "coin", number: 1, amount: "50000000", total: "50000000", is_past: true },
  ]);
  expect(bound.rows).toEqual([{ worker, person: null }]);
  expect(findings).toEqual([]);
  expect(last.rows).toEqual([{ number: 2, amount: "100000000", total: "150000000" }]);
});

test("an epoch whose server was killed between its close and its file gets that, with every leaf in it", async () => {
  await using old = await openLeftBehind("0007_contributors");
  const pool = new Pool({ connectionString: old.url });
  await migrate(pool);
  const db = drizzleOver(pool);
  const { last } = await runningEpoch(db);
  await writeEpochFile({ db, pg: pool }, last!, { networkId: -3, distributor: `0:${"9".repeat(64)}` });
  const { rows: files } = await pool.query<{ bytes: Buffer }>("select bytes from epoch_files where epoch = 1");
  const { rows: closed } = await pool.query("select state, root is not null as has_root from epochs");
  const { rows: owed } = await pool.query("select balance from ledger_accounts where owner like 'wallet:%'");
  await pool.end();
  expect(files.map(({ bytes }) => bytes.toString()).join("")).toContain(`${"7".repeat(64)} 50000000`);
  expect(closed).toEqual([{ state: "closed", has_root: true }]);
  expect(owed).toEqual([{ balance: "50000000" }]);
});

test("a hold that an older version left open can be captured from, closed, and used up no further than it was", async () => {
  await using old = await openLeftBehind("0004_the_ledger");
  const pool = new Pool({ connectionString: old.url });
  await migrate(pool);
  const hold = "00000000-0000-4000-8000-0000000000c3";
  const capture = (key: string, amount: bigint): Operation => {
    return { verb: "capture", key, hold, legs: [{ to: 4, amount, kind: "fee" }] };
  };
  const done = await inTransaction(pool, "begin", async (client) => {
    const outcomes = await applyOperations(
      client,
      [
        capture("00000000-0000-4000-8000-000000000094", 2_000_000_001n),
        capture("00000000-0000-4000-8000-000000000095", 500_000_000n),
        { verb: "release", hold },
      ],
      { halted: false },
    );
    // The older version had captured from it for a worker.
    await insertNotes(client, [{ key: "00000000-0000-4000-8000-000000000093", job: hold }]);
    return outcomes;
  });
  const verdict = await verifyLedger(pool, { now: new Date(), whole: true });
  const { rows } = await pool.query("select balance, held from ledger_accounts where id = 2");
  await pool.end();
  expect(done.map(({ kind }) => kind)).toEqual(["refused", "done", "done"]);
  expect(verdict.findings).toEqual([]);
  expect(rows).toEqual([{ balance: "498500000000", held: "0" }]);
});
