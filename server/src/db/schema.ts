/** The tables. Names of columns are snake_case in SQL; money will be bigint nano units. */
import { sql } from "drizzle-orm";
import {
  bigint,
  bigserial,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { Outcome, StepAction } from "@starai/protocol/runs";
import type { JobRequest } from "../jobs/job.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const createdAt = () => at("created_at").notNull().defaultNow();

export const jobState = pgEnum("job_state", ["queued", "leased", "done", "failed", "cancelled"]);
export const runStatus = pgEnum("run_status", ["running", "answered", "asked", "stopped", "failed"]);

/** People who chat; a Telegram user id has one row. */
export const people = pgTable("people", {
  id: uuid("id").primaryKey().defaultRandom(),
  telegramId: bigint("telegram_id", { mode: "number" }).notNull().unique(),
  name: text("name").notNull(),
  language: text("language").notNull().default("en"),
  /** The model they chose; null follows the server's default. */
  model: text("model"),
  createdAt: createdAt(),
});

/** A conversation. A Telegram chat has at most one open thread; /new closes it. */
export const threads = pgTable(
  "threads",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    personId: uuid("person_id")
      .notNull()
      .references(() => people.id, { onDelete: "cascade" }),
    /** The surface's own name of the chat, e.g. `telegram:42` or `telegram:-100123:7` for a topic. */
    chat: text("chat").notNull(),
    title: text("title").notNull().default(""),
    createdAt: createdAt(),
    closedAt: at("closed_at"),
  },
  (t) => [
    uniqueIndex("threads_open_chat")
      .on(t.chat)
      .where(sql`closed_at is null`),
    index("threads_person").on(t.personId, t.createdAt),
  ],
);

/** What was said, in order. Assistant messages are written when their run ends. */
export const messages = pgTable(
  "messages",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    seq: bigserial("seq", { mode: "number" }).notNull(),
    threadId: uuid("thread_id")
      .notNull()
      .references(() => threads.id, { onDelete: "cascade" }),
    role: text("role", { enum: ["user", "assistant"] }).notNull(),
    text: text("text").notNull(),
    /** Whoever sent the message twice gets one effect, e.g. `telegram:42:1007`. */
    externalId: text("external_id").unique(),
    runId: uuid("run_id"),
    createdAt: createdAt(),
  },
  (t) => [index("messages_thread").on(t.threadId, t.seq)],
);

/** One agent answer to one message. */
export const runs = pgTable(
  "runs",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    threadId: uuid("thread_id")
      .notNull()
      .references(() => threads.id, { onDelete: "cascade" }),
    messageId: uuid("message_id")
      .notNull()
      .unique()
      .references(() => messages.id, { onDelete: "cascade" }),
    model: text("model").notNull(),
    status: runStatus("status").notNull().default("running"),
    outcome: jsonb("outcome").$type<Outcome>(),
    answer: text("answer").notNull().default(""),
    createdAt: createdAt(),
    finishedAt: at("finished_at"),
  },
  (t) => [
    index("runs_running")
      .on(t.status)
      .where(sql`status = 'running'`),
    index("runs_thread").on(t.threadId),
  ],
);

export const steps = pgTable(
  "steps",
  {
    runId: uuid("run_id")
      .notNull()
      .references(() => runs.id, { onDelete: "cascade" }),
    index: integer("index").notNull(),
    thought: text("thought").notNull(),
    action: jsonb("action").$type<StepAction>().notNull(),
    observation: jsonb("observation").$type<{ ok: boolean; text: string }>(),
    job: uuid("job"),
    model: text("model").notNull(),
    worker: text("worker"),
    attempts: integer("attempts").notNull(),
    promptTokens: integer("prompt_tokens").notNull(),
    completionTokens: integer("completion_tokens").notNull(),
    elapsedMs: integer("elapsed_ms").notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.runId, t.index] })],
);

/** One model call asked of the pool. The row is the truth; memory only carries what is live. */
export const jobs = pgTable(
  "jobs",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** One effect per key: submitting it again attaches to the same job. */
    key: text("key").notNull().unique(),
    /** Who asked, for fairness: `person:<id>` or `key:<id>`. */
    owner: text("owner").notNull(),
    model: text("model").notNull(),
    request: jsonb("request").$type<JobRequest>().notNull(),
    state: jobState("state").notNull().default("queued"),
    /** Rises by one with each lease; a frame with an older fence changes nothing. */
    fence: integer("fence").notNull().default(0),
    workerId: text("worker_id"),
    leaseExpiresAt: at("lease_expires_at"),
    deadlineAt: at("deadline_at").notNull(),
    committedText: text("committed_text").notNull().default(""),
    /** null once an attempt delivered text without ids. */
    committedTokens: integer("committed_tokens").array(),
    promptTokens: integer("prompt_tokens").notNull().default(0),
    completionTokens: integer("completion_tokens").notNull().default(0),
    usageEstimated: boolean("usage_estimated").notNull().default(false),
    finishReason: text("finish_reason"),
    error: jsonb("error").$type<{ code: string; message: string }>(),
    createdAt: createdAt(),
    firstTokenAt: at("first_token_at"),
    finishedAt: at("finished_at"),
  },
  (t) => [
    index("jobs_live")
      .on(t.state)
      .where(sql`state in ('queued', 'leased')`),
    index("jobs_finished").on(t.finishedAt),
    check("jobs_leased_has_worker", sql`state <> 'leased' or (worker_id is not null and lease_expires_at is not null)`),
    check("jobs_terminal_has_end", sql`(state in ('done', 'failed', 'cancelled')) = (finished_at is not null)`),
  ],
);

/** One worker's try at a job. */
export const attempts = pgTable(
  "attempts",
  {
    jobId: uuid("job_id")
      .notNull()
      .references(() => jobs.id, { onDelete: "cascade" }),
    fence: integer("fence").notNull(),
    workerId: text("worker_id").notNull(),
    startedAt: at("started_at").notNull().defaultNow(),
    endedAt: at("ended_at"),
    /** How it ended: done, or why the job moved on. */
    end: text("end"),
    tokens: integer("tokens").notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.jobId, t.fence] }), index("attempts_worker").on(t.workerId, t.startedAt)],
);

/** Machines that ever joined, by their Ed25519 public key. */
export const workers = pgTable("workers", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  version: text("version").notNull(),
  firstSeenAt: at("first_seen_at").notNull().defaultNow(),
  lastSeenAt: at("last_seen_at").notNull().defaultNow(),
  completed: integer("completed").notNull().default(0),
  failed: integer("failed").notNull().default(0),
  bannedAt: at("banned_at"),
});

/** Keys of the OpenAI-compatible API. Only a SHA-256 of the key is kept: it has 256 bits, so no salt is needed. */
export const apiKeys = pgTable("api_keys", {
  id: uuid("id").primaryKey().defaultRandom(),
  hash: text("hash").notNull().unique(),
  name: text("name").notNull(),
  createdAt: createdAt(),
  revokedAt: at("revoked_at"),
});

/** The inbox: Telegram updates, stored before the bot confirms them to Telegram. */
export const updates = pgTable(
  "updates",
  {
    bot: bigint("bot", { mode: "number" }).notNull(),
    updateId: bigint("update_id", { mode: "number" }).notNull(),
    body: jsonb("body").notNull(),
    receivedAt: at("received_at").notNull().defaultNow(),
    handledAt: at("handled_at"),
  },
  (t) => [
    primaryKey({ columns: [t.bot, t.updateId] }),
    index("updates_open")
      .on(t.bot, t.updateId)
      .where(sql`handled_at is null`),
  ],
);
