/**
 * Contributors: whose machine is whose, what stands behind it, what it earned and how that is paid. Balances are in the
 * ledger: `earner` of `worker:<key>` until an epoch is closed, then `earner` of `wallet:<hash>` until the chain shows
 * that it was claimed. Addresses are raw, amounts nano units of the coin, workers named by their public key.
 */
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  numeric,
  pgTable,
  primaryKey,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes } from "./bytes.ts";
import { ledgerAsset } from "./ledger-schema.ts";
import { storableJson, storableText } from "./storable.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const amountOf = (name: string) => bigint(name, { mode: "bigint" });
const nothing = sql`0`;

export type EpochState = "closing" | "closed" | "proposed" | "active" | "dropped";

/** A code that a worker's terminal shows, by which its owner says in the app that the machine is theirs. Used once. */
export const pairingCodes = pgTable(
  "pairing_codes",
  {
    /** SHA-256 of the code. */
    hash: storableText("hash").primaryKey(),
    worker: storableText("worker").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    expiresAt: at("expires_at").notNull(),
    usedAt: at("used_at"),
  },
  (t) => [index("pairing_codes_worker").on(t.worker, t.expiresAt)],
);

/** Whose machine it is. A worker without a row is nobody's. */
export const workerBindings = pgTable(
  "worker_bindings",
  {
    worker: storableText("worker").primaryKey(),
    /** The person it is paired with; null once it was taken away from somebody. */
    person: uuid("person"),
    pairedAt: at("paired_at").notNull().defaultNow(),
  },
  (t) => [index("worker_bindings_person").on(t.person)],
);

/** Wallets that a machine was taken away from: their stakes answer for what it did until then. Kept as long as jobs are. */
export const pastOwners = pgTable(
  "past_owners",
  {
    worker: storableText("worker").notNull(),
    wallet: storableText("wallet").notNull(),
    since: at("since").notNull(),
    until: at("until").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.worker, t.wallet, t.since] }),
    index("past_owners_wallet").on(t.wallet),
    index("past_owners_until").on(t.until),
  ],
);

/** A contributor's account on the chain, as it was last seen there. */
export const contributorStakes = pgTable(
  "contributor_stakes",
  {
    /** The owner's wallet. */
    wallet: storableText("wallet").primaryKey(),
    account: storableText("account").notNull(),
    /** What weighs: never what is unbonding. */
    stake: amountOf("stake").notNull().default(nothing),
    unbonding: amountOf("unbonding").notNull().default(nothing),
    unbondAt: at("unbond_at"),
    claimed: amountOf("claimed").notNull().default(nothing),
    /** Under dispute by a proposed slash, and until when nothing is done about it. */
    disputed: amountOf("disputed").notNull().default(nothing),
    disputedUntil: at("disputed_until"),
    seenAt: at("seen_at").notNull(),
  },
  (t) => [index("contributor_stakes_seen").on(t.seenAt)],
);

/** How many notes a worker has and what they add up to: its notes are numbered without a gap. */
export const creditTotals = pgTable(
  "credit_totals",
  {
    worker: storableText("worker").notNull(),
    asset: ledgerAsset("asset").notNull(),
    notes: integer("notes").notNull().default(0),
    total: amountOf("total").notNull().default(nothing),
    /** The running epoch at its first note: a new machine's pay is held back from there on. */
    firstEpoch: integer("first_epoch").notNull(),
  },
  (t) => [primaryKey({ columns: [t.worker, t.asset] })],
);

/** What a worker was credited for a job, said to it under our signature. Written in the transaction that credits it. */
export const creditNotes = pgTable(
  "credit_notes",
  {
    worker: storableText("worker").notNull(),
    asset: ledgerAsset("asset").notNull(),
    /** From 1. */
    number: integer("number").notNull(),
    job: uuid("job").notNull(),
    amount: amountOf("amount").notNull(),
    /** Of this note and all before it. */
    total: amountOf("total").notNull(),
    at: at("at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.worker, t.asset, t.number] }),
    uniqueIndex("credit_notes_job").on(t.worker, t.asset, t.job),
    index("credit_notes_at").on(t.at),
    check("credit_notes_amount", sql`amount > 0`),
  ],
);

/**
 * Closed epochs. `closing`: its lines say what each worker gets, and are moved in batches; `closed`: all are moved, and the
 * file is stored once there is a root; `proposed`, `active`: as the chain shows; `dropped`: vetoed or challenged there, or
 * another root took its place.
 */
export const epochs = pgTable(
  "epochs",
  {
    number: integer("number").primaryKey(),
    /** As the distributor numbers it, and the file says: the same number as long as none was dropped. */
    chainEpoch: integer("chain_epoch").notNull(),
    state: storableText("state").$type<EpochState>().notNull().default("closed"),
    /** Its root goes to the chain; else nothing was released in it, and it has none. */
    forChain: boolean("for_chain").notNull().default(true),
    /** By the chain's clock. What it covers ends here; it begins where the one before ended. */
    closedAt: at("closed_at").notNull(),
    /** The same moment by this server's clock, which hours of workers count by: a sandbox's chain may be ahead. */
    recordedAt: at("recorded_at").notNull(),
    /** The ledger's last posting before it: fees since then belong to the next one. */
    upto: bigint("upto", { mode: "number" }).notNull(),
    /** Null until the file is stored, and of one that is not for the chain. */
    root: bytes("root"),
    /** SHA-256 of the file; null until it is stored. */
    dataHash: bytes("data_hash"),
    leaves: integer("leaves").notNull(),
    /** Sum of all leaves: what was ever owed by the tree. */
    total: amountOf("total").notNull(),
    /** Given away for being there, out of fees and of what slow answers did not earn. */
    availability: amountOf("availability").notNull().default(nothing),
    proposedAt: at("proposed_at"),
    activeAt: at("active_at"),
    /** Of a dropped one: why, in a sentence. */
    why: storableText("why"),
  },
  () => [
    uniqueIndex("epochs_one_on_its_way")
      .on(sql`(1)`)
      .where(sql`state in ('closing', 'closed', 'proposed')`),
  ],
);

/** The published file of leaves, in parts of at most a megabyte. */
export const epochFiles = pgTable(
  "epoch_files",
  {
    epoch: integer("epoch").notNull(),
    part: integer("part").notNull(),
    bytes: bytes("bytes").notNull(),
  },
  (t) => [primaryKey({ columns: [t.epoch, t.part] })],
);

/** What an epoch's closing does for one worker: written first, then moved. */
export const epochLines = pgTable(
  "epoch_lines",
  {
    epoch: integer("epoch").notNull(),
    worker: storableText("worker").notNull(),
    /** Where it went; null: it is nobody's yet and waits. */
    wallet: storableText("wallet"),
    /** In this epoch, by its notes. */
    earned: amountOf("earned").notNull(),
    /** For being there. */
    availability: amountOf("availability").notNull().default(nothing),
    /** Went to the wallet's leaf. */
    released: amountOf("released").notNull(),
    /** Taken from a banned machine, for refunds. */
    forfeited: amountOf("forfeited").notNull().default(nothing),
    /** Waits: the machine is new, or has no wallet. */
    held: amountOf("held").notNull(),
    /** Written, but neither in the books nor in its wallet's leaf yet. */
    toMove: boolean("to_move").notNull().default(false),
  },
  (t) => [
    primaryKey({ columns: [t.epoch, t.worker] }),
    index("epoch_lines_to_move")
      .on(t.epoch, t.worker)
      .where(sql`to_move`),
    index("epoch_lines_wallet").on(t.wallet, t.epoch),
    index("epoch_lines_worker").on(t.worker, t.epoch),
  ],
);

/** What a wallet's leaf says: everything ever put there. It only grows. */
export const epochLeaves = pgTable("epoch_leaves", {
  wallet: storableText("wallet").primaryKey(),
  cumulative: amountOf("cumulative").notNull(),
  /** The last closing that raised it. */
  epoch: integer("epoch").notNull(),
});

/** A slash that the operator proposed on the chain, with what it is about. */
export const slashProposals = pgTable("slash_proposals", {
  id: uuid("id").primaryKey().defaultRandom(),
  wallet: storableText("wallet").notNull(),
  amount: amountOf("amount").notNull(),
  /** In a sentence; the contributor reads it. */
  reason: storableText("reason").notNull(),
  /** JSON of numbers and ids, no texts of people. The text itself: the SHA-256 of it is the reason on the chain. */
  evidence: storableText("evidence").notNull(),
  state: storableText("state").$type<"proposed" | "cancelled" | "executed" | "expired">().notNull().default("proposed"),
  createdAt: at("created_at").notNull().defaultNow(),
  /** When the chain first showed it; null: nothing is disputed yet, and its contributor is not told. */
  shownAt: at("shown_at"),
  endedAt: at("ended_at"),
});

/** A contributor's word to the operator: about a slash, a pause, a score. */
export const appeals = pgTable(
  "appeals",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    person: uuid("person").notNull(),
    worker: storableText("worker"),
    words: storableText("words").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    answeredAt: at("answered_at"),
  },
  (t) => [index("appeals_person").on(t.person, t.createdAt)],
);

/** What the pool saw of a worker in an hour: the plots of its owner, the share for being there, the day's cap. */
export const workerHours = pgTable(
  "worker_hours",
  {
    worker: storableText("worker").notNull(),
    hour: at("hour").notNull(),
    /** In the pool, seconds. */
    onlineS: integer("online_s").notNull().default(0),
    jobs: integer("jobs").notNull().default(0),
    failed: integer("failed").notNull().default(0),
    tokens: bigint("tokens", { mode: "number" }).notNull().default(0),
    /** Of answers, tokens a second, while it wrote. */
    tokensPerS: numeric("tokens_per_s", { mode: "number" }),
    earned: amountOf("earned").notNull().default(nothing),
    /** Why jobs were not given to it: counts by reason. */
    skipped: storableJson("skipped").$type<Record<string, number>>().notNull().default({}),
    temperatureC: integer("temperature_c"),
  },
  (t) => [primaryKey({ columns: [t.worker, t.hour] }), index("worker_hours_hour").on(t.hour)],
);
