/**
 * The tables. Names of columns are snake_case in SQL; money will be bigint nano units. Text and JSON have the types of
 * storable.ts, so that nobody's words can make a write fail.
 */
import { sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import {
  bigint,
  bigserial,
  boolean,
  check,
  doublePrecision,
  index,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  real,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { Feedback, Outcome, StepAction } from "@starai/protocol/runs";
import type { GroupMember } from "./group-member.ts";
import type { StoredRequest } from "./job-request.ts";
import { storableJson, storableText } from "./storable.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const createdAt = () => at("created_at").notNull().defaultNow();

export const jobState = pgEnum("job_state", ["queued", "leased", "done", "failed", "cancelled"]);
export const runStatus = pgEnum("run_status", ["running", "answered", "asked", "stopped", "failed"]);

/** People who chat; a Telegram user id has one row. */
export const people = pgTable("people", {
  id: uuid("id").primaryKey().defaultRandom(),
  telegramId: bigint("telegram_id", { mode: "number" }).notNull().unique(),
  name: storableText("name").notNull(),
  language: storableText("language").notNull().default("en"),
  /** The language they chose in the app; null follows `language`, which Telegram sends with each message. */
  chosenLanguage: storableText("chosen_language"),
  /** The model they chose; null follows the server's default. */
  model: storableText("model"),
  /** What they want every answer to know of them; at most ABOUT_CHARS_MAX characters. */
  about: storableText("about").notNull().default(""),
  /** The preset their new threads begin with; null is the plain one. */
  persona: storableText("persona"),
  createdAt: createdAt(),
});

/**
 * A conversation: a tree of messages, of which one branch is chosen. A Telegram chat has at most one current thread,
 * the one its messages go to; /new leaves it, and the app can make another one current.
 */
export const threads = pgTable(
  "threads",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    personId: uuid("person_id")
      .notNull()
      .references(() => people.id, { onDelete: "cascade" }),
    /** The surface's own name of the chat, e.g. `telegram:42` or `telegram:-100123:7` for a topic. */
    chat: storableText("chat").notNull(),
    title: storableText("title").notNull().default(""),
    /** Who named it. The model may replace a title cut from the question, but never one that the person wrote. */
    titledBy: storableText("titled_by").$type<"question" | "model" | "person">().notNull().default("question"),
    /** Above the others in the list. */
    pinned: boolean("pinned").notNull().default(false),
    /** Hidden from the list until it gets a new message. */
    archived: boolean("archived").notNull().default(false),
    current: boolean("current").notNull().default(true),
    /** The model chosen for this thread; null follows the person's choice. */
    model: storableText("model"),
    /** A preset of protocol's personas; null is the plain one. */
    persona: storableText("persona"),
    /** The person's own instructions, beside the preset. */
    instructions: storableText("instructions").notNull().default(""),
    /** The last message of the chosen branch; null in an empty thread. */
    headId: uuid("head_id"),
    createdAt: createdAt(),
    /** Time of the last message. */
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("threads_current_chat")
      .on(t.chat)
      .where(sql`current`),
    index("threads_person").on(t.personId, t.updatedAt, t.id),
  ],
);

/**
 * What a message or title is searched by: Russian stems (that configuration stems Latin words as English) and the
 * words as they are, which a word being typed is the beginning of.
 */
export const searchVector = (column: string) =>
  sql.raw(`(to_tsvector('russian', ${column}) || to_tsvector('simple', ${column}))`);

/**
 * What was said. Each message follows its parent, so messages with one parent are alternatives. An assistant's row is
 * made with its run, so that a message sent meanwhile has something to follow; its text comes when the run ends, and
 * stays empty when the run failed.
 */
export const messages = pgTable(
  "messages",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    seq: bigserial("seq", { mode: "number" }).notNull(),
    threadId: uuid("thread_id")
      .notNull()
      .references(() => threads.id, { onDelete: "cascade" }),
    role: storableText("role").$type<"user" | "assistant">().notNull(),
    text: storableText("text").notNull(),
    /** Idempotency key: a message sent twice is stored once, e.g. `telegram:42:1007`. */
    externalId: storableText("external_id").unique(),
    /** null for the first message of a thread. */
    parentId: uuid("parent_id").references((): AnyPgColumn => messages.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
  },
  (t) => [
    index("messages_thread").on(t.threadId, t.seq),
    index("messages_parent").on(t.parentId),
    index("messages_search").using("gin", searchVector("text")),
  ],
);

/**
 * A thread's branch as it was when it was shared, for those who have the link. The id is the link's secret: 122 random
 * bits. Ending it deletes the row.
 */
export const shares = pgTable(
  "shares",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    threadId: uuid("thread_id")
      .notNull()
      .unique()
      .references(() => threads.id, { onDelete: "cascade" }),
    /** The last message shown: later messages are not shared. */
    headId: uuid("head_id")
      .notNull()
      .references(() => messages.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
  },
  (t) => [index("shares_head").on(t.headId)],
);

/** One agent answer to one message; a message answered again has further runs. */
export const runs = pgTable(
  "runs",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    threadId: uuid("thread_id")
      .notNull()
      .references(() => threads.id, { onDelete: "cascade" }),
    messageId: uuid("message_id")
      .notNull()
      .references(() => messages.id, { onDelete: "cascade" }),
    /** The message it writes. */
    answerId: uuid("answer_id")
      .notNull()
      .unique()
      .references(() => messages.id, { onDelete: "cascade" }),
    model: storableText("model").notNull(),
    status: runStatus("status").notNull().default("running"),
    outcome: storableJson("outcome").$type<Outcome>(),
    answer: storableText("answer").notNull().default(""),
    /** Its bill, where that has another id than the run: one that went on after its bill was closed has a new one. */
    bill: uuid("bill"),
    /** What the person thought of it. */
    feedback: storableText("feedback").$type<Feedback>(),
    /** Started in the app within a chat's current thread: the bot still has to show it there. */
    mirrored: boolean("mirrored").notNull().default(false),
    createdAt: createdAt(),
    finishedAt: at("finished_at"),
  },
  (t) => [
    index("runs_running")
      .on(t.threadId)
      .where(sql`status = 'running'`),
    index("runs_thread").on(t.threadId),
    index("runs_message").on(t.messageId),
    // A bill is of one run.
    uniqueIndex("runs_bill").on(sql`coalesce(bill, id)`),
    index("runs_mirrored")
      .on(t.createdAt)
      .where(sql`mirrored`),
  ],
);

export const steps = pgTable(
  "steps",
  {
    runId: uuid("run_id")
      .notNull()
      .references(() => runs.id, { onDelete: "cascade" }),
    index: integer("index").notNull(),
    thought: storableText("thought").notNull(),
    action: storableJson("action").$type<StepAction>().notNull(),
    observation: storableJson("observation").$type<{ ok: boolean; text: string }>(),
    job: uuid("job"),
    model: storableText("model").notNull(),
    worker: storableText("worker"),
    attempts: integer("attempts").notNull(),
    promptTokens: integer("prompt_tokens").notNull(),
    completionTokens: integer("completion_tokens").notNull(),
    elapsedMs: integer("elapsed_ms").notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.runId, t.index] })],
);

/** One model call that the pool runs. The row is the truth; memory only carries what is live. */
export const jobs = pgTable(
  "jobs",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** One effect per key: submitting it again attaches to the same job. */
    key: storableText("key").notNull().unique(),
    /** The bill its price goes to; null for work that is nobody's bill, such as a title. */
    bill: uuid("bill"),
    /** Who asked, for fairness: `person:<id>` or `key:<id>`. */
    owner: storableText("owner").notNull(),
    model: storableText("model").notNull(),
    request: storableJson("request").$type<StoredRequest>().notNull(),
    state: jobState("state").notNull().default("queued"),
    /** Rises by one with each lease; a frame with an older fence changes nothing. */
    fence: integer("fence").notNull().default(0),
    workerId: storableText("worker_id"),
    leaseExpiresAt: at("lease_expires_at"),
    deadlineAt: at("deadline_at").notNull(),
    committedText: storableText("committed_text").notNull().default(""),
    /** null once an attempt delivered text without ids. */
    committedTokens: integer("committed_tokens").array(),
    promptTokens: integer("prompt_tokens").notNull().default(0),
    completionTokens: integer("completion_tokens").notNull().default(0),
    usageEstimated: boolean("usage_estimated").notNull().default(false),
    finishReason: storableText("finish_reason"),
    error: storableJson("error").$type<{ code: string; message: string }>(),
    createdAt: createdAt(),
    firstTokenAt: at("first_token_at"),
    finishedAt: at("finished_at"),
  },
  (t) => [
    index("jobs_live")
      .on(t.state)
      .where(sql`state in ('queued', 'leased')`),
    index("jobs_finished").on(t.finishedAt),
    index("jobs_owner").on(t.owner),
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
    /** Where several machines served it together, their head. */
    workerId: storableText("worker_id").notNull(),
    /** The machines of a group, in the order of their layers; null: the worker alone. */
    members: storableJson("members").$type<GroupMember[]>(),
    startedAt: at("started_at").notNull().defaultNow(),
    endedAt: at("ended_at"),
    /** How it ended: done, or why the job moved on. */
    end: storableText("end"),
    tokens: integer("tokens").notNull().default(0),
    /** From its lease to its last sign of work, by the server's clock, and what its tokens may take; null: nobody knows. */
    tookMs: integer("took_ms"),
    levelMs: integer("level_ms"),
    /** Its output could not be true or left the form that was asked for: no pay for it. */
    isFalse: boolean("is_false").notNull().default(false),
  },
  (t) => [
    primaryKey({ columns: [t.jobId, t.fence] }),
    index("attempts_worker").on(t.workerId, t.startedAt),
    index("attempts_of_groups")
      .on(t.startedAt)
      .where(sql`members is not null`),
  ],
);

/** Machines that ever joined, by their Ed25519 public key. */
export const workers = pgTable("workers", {
  id: storableText("id").primaryKey(),
  name: storableText("name").notNull(),
  version: storableText("version").notNull(),
  firstSeenAt: at("first_seen_at").notNull().defaultNow(),
  lastSeenAt: at("last_seen_at").notNull().defaultNow(),
  completed: integer("completed").notNull().default(0),
  failed: integer("failed").notNull().default(0),
  /** The same, each counting half as much a week later, as of `weighedAt`; null in rows of older versions. */
  good: doublePrecision("good"),
  bad: doublePrecision("bad"),
  weighedAt: at("weighed_at"),
  /** Leases in a row that ended without an answer by its fault; an answer sets it back. */
  failedInRow: integer("failed_in_row").notNull().default(0),
  /** Times it was paused, until when by the last one, and for what. */
  pauses: integer("pauses").notNull().default(0),
  pausedUntil: at("paused_until"),
  pauseReason: storableText("pause_reason"),
  bannedAt: at("banned_at"),
  /** When it ended its connection itself, to rest; null once it is back. */
  saidGoodbyeAt: at("said_goodbye_at"),
});

/** Keys of the OpenAI-compatible API. Only a SHA-256 of the key is kept: it has 256 bits, so no salt is needed. */
export const apiKeys = pgTable(
  "api_keys",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    hash: storableText("hash").notNull().unique(),
    name: storableText("name").notNull(),
    /**
     * Whom its requests are billed to; null: the house's own key, which costs nobody anything. It goes with its owner:
     * without one it would be the house's.
     */
    owner: uuid("owner").references(() => people.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
    revokedAt: at("revoked_at"),
  },
  (t) => [index("api_keys_owner").on(t.owner)],
);

/** The inbox: Telegram updates, stored before the bot confirms them to Telegram. */
export const updates = pgTable(
  "updates",
  {
    bot: bigint("bot", { mode: "number" }).notNull(),
    updateId: bigint("update_id", { mode: "number" }).notNull(),
    body: storableJson("body").notNull(),
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

/**
 * A Mini App's right to act for one person, made from one launch. The launch's hash is kept after the person is gone,
 * so that it never makes a second session; rows are deleted once a launch is too old for a first one anyway.
 */
export const sessions = pgTable(
  "sessions",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** null: the person had their data deleted. */
    personId: uuid("person_id").references(() => people.id, { onDelete: "set null" }),
    /** What opened it, once: the launch, or the nonce of a wallet's proof (wallets/pay-sessions.ts). */
    initDataHash: storableText("init_data_hash").notNull().unique(),
    /** SHA-256 of the client's own random key: only that client gets the session again. Or the binding of that wallet. */
    deviceHash: storableText("device_hash").notNull(),
    createdAt: createdAt(),
    /** The same client gets fresh tokens of this session until then. */
    expiresAt: at("expires_at").notNull(),
    revokedAt: at("revoked_at"),
  },
  (t) => [index("sessions_person").on(t.personId), index("sessions_expires").on(t.expiresAt)],
);

/** The pool's counts in each minute of the last 24 hours. A minute without a row is one in which no server ran. */
export const poolMinutes = pgTable("pool_minutes", {
  minute: at("minute").primaryKey(),
  workers: integer("workers").notNull(),
  tokens: integer("tokens").notNull(),
  answers: integer("answers").notNull(),
  queued: integer("queued").notNull(),
  /** Busy slots of all slots, 0 to 1. */
  load: real("load").notNull(),
});

export * from "./ledger-schema.ts";
export * from "./money-schema.ts";
export * from "./chain-schema.ts";
export * from "./escrow-schema.ts";
export * from "./contributor-schema.ts";
