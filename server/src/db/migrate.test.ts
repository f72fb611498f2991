/** What an older version left behind is still there, in today's shape. */
import fs from "node:fs/promises";
import path from "node:path";
import { randomBytes } from "node:crypto";
import { Client, Pool } from "pg";
import { expect, inject, test } from "vitest";
import { MIGRATIONS_FOLDER, migrate } from "./migrate.ts";
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
