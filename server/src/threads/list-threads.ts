/** A person's conversations in pages, pinned first, then last used first; optionally only those matching a search. */
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import { privateChat } from "../db/private-chat.ts";
import { messages, runs, searchVector, threads } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import type { Owner } from "./own-thread.ts";
import { excerptOf, excerptSql, searchQuery } from "./search.ts";
import type { Excerpt } from "./search.ts";

export const PAGE_THREADS = 50;
const SNIPPET_CHARS = 160;

export interface ListedThread {
  id: string;
  /** Empty in a conversation that has not begun. */
  title: string;
  updatedAt: string;
  /** The beginning of the last message on the chosen branch. */
  snippet: string;
  /** Whether the bot's chat writes here. */
  current: boolean;
  pinned: boolean;
  archived: boolean;
  /** The oldest run still running. */
  runningRun: string | null;
  /** The text around the words found; null without a search, or when only the title matches. */
  match: { message: string; excerpt: Excerpt } | null;
}

export interface ThreadPage {
  threads: ListedThread[];
  /** For the next page; null on the last. */
  before: string | null;
}

export interface ListInput {
  before?: string | undefined;
  q?: string | undefined;
  /** Lists only archived ones; otherwise these are left out, except from a search. */
  archived?: boolean | undefined;
}

interface Row extends Record<string, unknown> {
  id: string;
  title: string;
  updated: Date;
  snippet: string | null;
  current: boolean;
  pinned: boolean;
  archived: boolean;
  running: string | null;
  hit: string | null;
  excerpt: string | null;
}

export async function listThreads(ctx: Pick<AppContext, "db">, owner: Owner, input: ListInput): Promise<ThreadPage> {
  const query = searchQuery(input.q ?? "");
  const { rows } = await ctx.db.execute<Row>(pageSql(owner, input, query));
  const page = rows.slice(0, PAGE_THREADS);
  const last = page.at(-1);
  return {
    threads: page.map(listed),
    before: rows.length > PAGE_THREADS && last ? cursorOf(last) : null,
  };
}

/** Selects the page before computing its excerpts and snippets, so these are made for 51 threads at most. */
function pageSql(owner: Owner, { before, archived = false }: ListInput, query: SQL | null): SQL {
  const hits =
    query === null
      ? sql`select null::uuid as thread, null::uuid as hit where false`
      : sql`select distinct on (m.thread_id) m.thread_id as thread, m.id as hit
          from ${messages} m join ${threads} t on t.id = m.thread_id
          where ${searchVector("m.text")} @@ ${query} and ${mine(owner)} order by m.thread_id, m.seq desc`;
  const found = query === null ? sql`` : sql`and (hit is not null or ${searchVector("t.title")} @@ ${query})`;
  const shelf = archived ? sql`and t.archived` : query === null ? sql`and not t.archived` : sql``;
  return sql`
    with hits as (${hits}), page as (
      select t.*, hits.hit from ${threads} t left join hits on hits.thread = t.id
      where ${mine(owner)} ${found} ${shelf} ${older(before)}
      order by t.pinned desc, t.updated_at desc, t.id desc limit ${PAGE_THREADS + 1}
    )
    select page.id, page.title, page.current, page.pinned, page.archived, page.updated_at as updated, page.hit,
      left(coalesce(nullif(last.text, ''), asked.text), ${SNIPPET_CHARS}) as snippet,
      (select r.id from ${runs} r join ${messages} a on a.id = r.answer_id
        where r.thread_id = page.id and r.status = 'running' order by a.seq limit 1) as running,
      ${query === null ? sql`null` : sql`(select ${excerptSql("m.text", query)} from ${messages} m where m.id = page.hit)`} as excerpt
    from page
      left join ${messages} last on last.id = page.head_id
      left join ${messages} asked on asked.id = last.parent_id
    order by page.pinned desc, page.updated_at desc, page.id desc`;
}

function mine(owner: Owner): SQL {
  return sql`t.person_id = ${owner.id} and t.chat = ${privateChat(owner.telegramId)}`;
}

function older(before: string | undefined): SQL {
  if (before === undefined) return sql``;
  const [at, id] = before.split("_");
  const time = new Date(Number(at));
  if (Number.isNaN(time.getTime()) || !/^[0-9a-f-]{36}$/.test(id ?? ""))
    throw new Refusal("invalid_request", "`before` is not a cursor of this list; leave it out to begin anew.", {
      param: "before",
    });
  // The pinned ones are fewer than a page, so all of them were on the first.
  return sql`and not t.pinned and (t.updated_at, t.id) < (${time.toISOString()}::timestamptz, ${id}::uuid)`;
}

function cursorOf(row: Row): string {
  return `${new Date(row.updated).getTime()}_${row.id}`;
}

function listed(row: Row): ListedThread {
  return {
    id: row.id,
    title: row.title,
    updatedAt: new Date(row.updated).toISOString(),
    snippet: row.snippet ?? "",
    current: row.current,
    pinned: row.pinned,
    archived: row.archived,
    runningRun: row.running,
    match: row.hit === null || row.excerpt === null ? null : { message: row.hit, excerpt: excerptOf(row.excerpt) },
  };
}
