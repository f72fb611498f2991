/**
 * Money on TON: what was read of the chain, deposits, wallets, withdrawals and messages of the hot wallet.
 * Balances are in the ledger (ledger-schema.ts). Addresses are raw (`0:` and 64 hex digits), amounts nano units of the
 * coin. People are named by id without a foreign key: what was paid stays on record after a person is gone.
 */
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  date,
  index,
  integer,
  pgTable,
  primaryKey,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { NoticeParams } from "@starai/protocol/notices";
import { bytes } from "./bytes.ts";
import { storableJson, storableText } from "./storable.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const amountOf = (name: string) => bigint(name, { mode: "bigint" });
/** A logical time, or another number of 64 bits that the chain gives. */
const chainNumber = (name: string) => bigint(name, { mode: "bigint" });

/** The accounts whose every transaction is in the books. */
export type WatchedRole = "deposits" | "till" | "hot" | "pool";

/** The network and contracts that this database's money is on: one row, written once, never changed. */
export const chainHome = pgTable(
  "chain_home",
  {
    one: integer("one").primaryKey().default(1),
    networkId: integer("network_id").notNull(),
    deposits: storableText("deposits").notNull(),
    till: storableText("till").notNull(),
    distributor: storableText("distributor").notNull(),
    pinnedAt: at("pinned_at").notNull().defaultNow(),
  },
  () => [check("chain_home_one", sql`one = 1`)],
);

/** How far each watched account was read: its last transaction in the books. Written with that transaction's postings. */
export const chainCursors = pgTable("chain_cursors", {
  role: storableText("role").$type<WatchedRole>().primaryKey(),
  address: storableText("address").notNull(),
  lt: chainNumber("lt").notNull(),
  hash: bytes("hash").notNull(),
  /** Of the transaction, by the chain. */
  at: at("at").notNull(),
});

/** One transaction of a watched account: what it was, and by how much it changed the account's balance. */
export const chainTransactions = pgTable(
  "chain_transactions",
  {
    address: storableText("address").notNull(),
    lt: chainNumber("lt").notNull(),
    hash: bytes("hash").notNull(),
    role: storableText("role").$type<WatchedRole>().notNull(),
    /** In a word: `kind` of its reading (chain/reading.ts). */
    kind: storableText("kind").notNull(),
    /** May be below zero. */
    delta: amountOf("delta").notNull(),
    /** Of the delta, what validators took; never below zero. */
    fees: amountOf("fees").notNull(),
    /** The deposit, payout or other row that it belongs to; of a sweep and its return, the sweep's name. */
    ref: uuid("ref"),
    at: at("at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.address, t.lt, t.hash] }),
    // Answers of the vault, which are looked for by what asked for them.
    index("chain_transactions_drawn")
      .on(t.ref)
      .where(sql`kind = 'drawn'`),
    check("chain_transactions_fees", sql`fees >= 0`),
  ],
);

/** How a person is named on chain, where everybody can read it: random, and never a Telegram id. */
export const depositNumbers = pgTable("deposit_numbers", {
  /** 63 random bits. */
  number: chainNumber("number").primaryKey(),
  person: uuid("person").notNull().unique(),
  /** For a comment typed by hand: 7 characters and one that checks them. */
  memo: storableText("memo").notNull().unique(),
});

/** A payment that was asked of a wallet: it explains a deposit, and is used once. */
export const depositInvoices = pgTable(
  "deposit_invoices",
  {
    /** The message's query id: 63 random bits. */
    id: chainNumber("id").primaryKey(),
    person: uuid("person").notNull(),
    amount: amountOf("amount").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    /** The wallet signs nothing after it. */
    expiresAt: at("expires_at").notNull(),
    /** The page handed it to a wallet, which may have sent it: it is never handed over again by itself. */
    handedAt: at("handed_at"),
    /** The wallet said that it sent it. */
    sentAt: at("sent_at"),
    deposit: uuid("deposit"),
  },
  (t) => [
    index("deposit_invoices_person").on(t.person, t.createdAt),
    check("deposit_invoices_amount", sql`amount > 0`),
  ],
);

/** Money that arrived in the deposits vault. */
export const deposits = pgTable(
  "deposits",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    networkId: integer("network_id").notNull(),
    account: storableText("account").notNull(),
    lt: chainNumber("lt").notNull(),
    hash: bytes("hash").notNull(),
    sender: storableText("sender").notNull(),
    /** The message's whole value. */
    amount: amountOf("amount").notNull(),
    /** As the message said it: its deposit number, invoice, or comment (at most 200 characters). */
    number: chainNumber("number"),
    invoice: chainNumber("invoice"),
    comment: storableText("comment"),
    /**
     * `credited`; `checking`: a second endpoint must show it, too; `unmatched`: nobody's yet; `dust`: too little to be
     * looked for.
     */
    state: storableText("state").$type<"credited" | "checking" | "unmatched" | "dust">().notNull(),
    /** Whose it is, also while it is being checked. */
    person: uuid("person"),
    how: storableText("how").$type<"number" | "memo" | "wallet" | "claim">(),
    /** By the chain. */
    at: at("at").notNull(),
    storedAt: at("stored_at").notNull().defaultNow(),
    creditedAt: at("credited_at"),
  },
  (t) => [
    uniqueIndex("deposits_once").on(t.networkId, t.account, t.lt, t.hash),
    index("deposits_person").on(t.person, t.at),
    index("deposits_waiting")
      .on(t.at)
      .where(sql`state in ('checking', 'unmatched')`),
    check("deposits_amount", sql`amount > 0`),
    check("deposits_credited", sql`(state = 'credited') = (credited_at is not null)`),
    check("deposits_owner", sql`state not in ('credited', 'checking') or person is not null`),
  ],
);

/** What somebody says an unmatched deposit is theirs by; an operator decides. */
export const depositClaims = pgTable(
  "deposit_claims",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    person: uuid("person").notNull(),
    /** The transaction's hash, the amount and the time as the person gave them. */
    words: storableText("words").notNull(),
    deposit: uuid("deposit"),
    state: storableText("state").$type<"open" | "accepted" | "refused">().notNull().default("open"),
    createdAt: at("created_at").notNull().defaultNow(),
    decidedAt: at("decided_at"),
  },
  (t) => [index("deposit_claims_person").on(t.person, t.createdAt)],
);

/** Payloads of ton_proof: each is for one person and is used once. */
export const walletNonces = pgTable(
  "wallet_nonces",
  {
    nonce: storableText("nonce").primaryKey(),
    /** null: for signing in on the web page, where the wallet says who it is. */
    person: uuid("person"),
    expiresAt: at("expires_at").notNull(),
    usedAt: at("used_at"),
  },
  (t) => [index("wallet_nonces_person").on(t.person, t.expiresAt)],
);

/** Wallets that people proved to own. A person has one at a time, and a wallet one person. */
export const wallets = pgTable(
  "wallets",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    person: uuid("person").notNull(),
    address: storableText("address").notNull(),
    boundAt: at("bound_at").notNull().defaultNow(),
    /** Nothing is paid out to it before: time for the old wallet's owner to say no. */
    payoutsFrom: at("payouts_from").notNull(),
    /** The binding that it took the place of, which comes back when the change is cancelled. */
    replaces: uuid("replaces"),
    state: storableText("state").$type<"bound" | "replaced" | "cancelled" | "removed">().notNull().default("bound"),
  },
  (t) => [
    uniqueIndex("wallets_of_person")
      .on(t.person)
      .where(sql`state = 'bound'`),
    uniqueIndex("wallets_bound")
      .on(t.address)
      .where(sql`state = 'bound'`),
    index("wallets_person").on(t.person, t.boundAt),
  ],
);

/** Prepaid money on its way to its owner's wallet. It left their balance when it was asked for. */
export const payouts = pgTable(
  "payouts",
  {
    id: uuid("id").primaryKey(),
    person: uuid("person").notNull(),
    wallet: storableText("wallet").notNull(),
    /** What the wallet gets; the fee is taken off the balance beside it. */
    amount: amountOf("amount").notNull(),
    fee: amountOf("fee").notNull(),
    /** `waiting` until `readyAt`; `queued` for the hot wallet; `sent`: signed, and perhaps on the chain. */
    state: storableText("state").$type<"waiting" | "queued" | "sent" | "paid" | "returned" | "cancelled">().notNull(),
    requestedAt: at("requested_at").notNull().defaultNow(),
    readyAt: at("ready_at").notNull(),
    endedAt: at("ended_at"),
    /** The transaction that paid it, hex. */
    transaction: storableText("transaction"),
  },
  (t) => [
    index("payouts_person").on(t.person, t.requestedAt),
    index("payouts_open")
      .on(t.readyAt)
      .where(sql`ended_at is null`),
    index("payouts_paid")
      .on(t.endedAt)
      .where(sql`state = 'paid'`),
    check("payouts_amounts", sql`amount > 0 and fee >= 0`),
    check("payouts_ended", sql`(state in ('paid', 'returned', 'cancelled')) = (ended_at is not null)`),
  ],
);

/** What a day's settlement moves, each by one message of the hot wallet. */
export type SettlementPart = "pay_pool" | "till_pool" | "draw_till" | "give_back";

/** Coins that were moved to where the books need them: once a day for each part. Nobody's balance changes by it. */
export const settlements = pgTable(
  "settlements",
  {
    /** In UTC. */
    day: date("day").notNull(),
    part: storableText("part").$type<SettlementPart>().notNull(),
    amount: amountOf("amount").notNull(),
    /** `moved`: the chain shows that it arrived. `failed`: the chain refused it; a later day asks for it again. */
    state: storableText("state").$type<"asked" | "moved" | "failed">().notNull().default("asked"),
    /** The message that moves it. */
    outgoing: uuid("outgoing").notNull().unique(),
    /** As the message names it on the chain. */
    queryId: chainNumber("query_id").notNull().unique(),
    askedAt: at("asked_at").notNull().defaultNow(),
    endedAt: at("ended_at"),
  },
  (t) => [
    primaryKey({ columns: [t.day, t.part] }),
    check("settlements_amount", sql`amount > 0`),
    check("settlements_ended", sql`(state = 'asked') = (ended_at is null)`),
  ],
);

/** A message that the hot wallet shall send, once. */
export const outgoing = pgTable(
  "outgoing",
  {
    id: uuid("id").primaryKey(),
    /**
     * `payout`, `redeem`: ref is the payout or redemption. `pay_hot`: asks the deposits vault for money. Of settlements:
     * `pay_pool`: the deposits vault pays the pool, and `till_pool`: the till does; `draw_till`: the till pays the hot wallet; `give_back`: coins for the
     * deposits vault.
     */
    kind: storableText("kind").$type<"payout" | "pay_hot" | "redeem" | SettlementPart>().notNull(),
    ref: uuid("ref"),
    destination: storableText("destination").notNull(),
    /** What the message carries. */
    value: amountOf("value").notNull(),
    bounce: boolean("bounce").notNull(),
    /** The body, a BoC; two messages never have the same one. */
    body: bytes("body").notNull(),
    /** One that the wallet left out when it ran the batch, e.g. because it had too little, is queued again. */
    state: storableText("state").$type<"queued" | "signed" | "sent" | "void">().notNull(),
    batch: uuid("batch"),
    /** How often the wallet ran a batch without this message in it. */
    leftOut: integer("left_out").notNull().default(0),
    createdAt: at("created_at").notNull().defaultNow(),
    sentAt: at("sent_at"),
  },
  (t) => [
    index("outgoing_queued")
      .on(t.createdAt)
      .where(sql`state in ('queued', 'signed')`),
    uniqueIndex("outgoing_ref").on(t.kind, t.ref),
    check("outgoing_batch", sql`(state = 'queued') = (batch is null) or state = 'void'`),
  ],
);

/** A signed message of the hot wallet, stored before it is sent. One at a time has no outcome. */
export const outgoingBatches = pgTable(
  "outgoing_batches",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    seqno: integer("seqno").notNull(),
    /** UNIX seconds of the chain; after it the wallet refuses the message. */
    validUntil: integer("valid_until").notNull(),
    /** The external message, a BoC. */
    boc: bytes("boc").notNull(),
    /** Hash of the external message's body: how its transaction is recognised. */
    bodyHash: bytes("body_hash").notNull().unique(),
    /** `void`: it expired, and its number was not used by it. */
    state: storableText("state").$type<"signed" | "run" | "void">().notNull(),
    signedAt: at("signed_at").notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("outgoing_batches_one_at_a_time")
      .on(sql`(1)`)
      .where(sql`state = 'signed'`),
    uniqueIndex("outgoing_batches_seqno")
      .on(t.seqno)
      .where(sql`state <> 'void'`),
  ],
);

/** What the bot shall tell somebody in their private chat, once. */
export const notices = pgTable(
  "notices",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** The same event is told once. */
    event: storableText("event").notNull().unique(),
    telegramId: bigint("telegram_id", { mode: "number" }).notNull(),
    params: storableJson("params").$type<NoticeParams>().notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    /** When the bot said it, or gave it up because the chat refused it. */
    toldAt: at("told_at"),
  },
  (t) => [
    index("notices_untold")
      .on(t.createdAt)
      .where(sql`told_at is null`),
  ],
);
