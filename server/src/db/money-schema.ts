/**
 * What answers cost and how they are paid: bills, allowances, caps, rates, Stars, and the operator's acts. Balances are
 * in the ledger (ledger-schema.ts); these rows say what its postings were for. They name people by id without a foreign
 * key, because what was paid stays on record after a person is gone.
 */
import { sql } from "drizzle-orm";
import {
  bigint,
  bigserial,
  boolean,
  check,
  date,
  index,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import type { BudgetBound, StoredPrice, WorkedShare } from "@starai/protocol/receipts";
import { storableJson, storableText } from "./storable.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const amountOf = (name: string) => bigint(name, { mode: "bigint" });

/** `free`: of the day's free answers; `house`: the house's own keys; the others are ledger assets. */
export const paidWith = pgEnum("paid_with", ["free", "stars", "coin", "house"]);

/**
 * One answer or one request of `/v1`: how it is paid, at which locked price, and once it has ended its receipt. The id
 * is the run's (one that went on after its bill was closed names the next one); a request has one of its own. A paid
 * one has a ledger hold of the same id.
 */
export const bills = pgTable(
  "bills",
  {
    id: uuid("id").primaryKey(),
    kind: storableText("kind").$type<"answer" | "request">().notNull(),
    /** null: nobody's, such as a request with a key of the house. */
    person: uuid("person"),
    apiKey: uuid("api_key"),
    paidWith: paidWith("paid_with").notNull(),
    /** The address of its person's own escrow, where the coins are paid from there. */
    escrow: storableText("escrow"),
    model: storableText("model").notNull(),
    /** Locked when the bill was opened, also for free answers, where workers may be paid by a promotion. */
    price: storableJson("price").$type<StoredPrice>().notNull(),
    /** The most it may cost, in nano units of what it is paid with; of a free answer, the micro-dollars reserved for it. */
    budget: amountOf("budget").notNull(),
    /** What set the budget; null when it covers the worst case. */
    bound: storableText("bound").$type<BudgetBound>(),
    /** The UTC day it counts for. */
    day: date("day").notNull(),
    openedAt: at("opened_at").notNull().defaultNow(),
    closedAt: at("closed_at"),
    /** What its person paid in the end, in nano units. */
    amount: amountOf("amount")
      .notNull()
      .default(sql`0`),
    /** The receipt's exact text, which the signature is over; null until the bill is closed. */
    receipt: storableText("receipt"),
    receiptKey: storableText("receipt_key"),
    signature: storableText("signature"),
  },
  (t) => [
    index("bills_person").on(t.person, t.openedAt),
    index("bills_key").on(t.apiKey, t.day),
    index("bills_day").using("brin", t.day),
    index("bills_open")
      .on(t.openedAt)
      .where(sql`closed_at is null`),
    check("bills_budget", sql`budget >= 0 and amount between 0 and budget`),
    check("bills_closed_have_receipts", sql`(closed_at is null) = (receipt is null)`),
  ],
);

/** One job of an open bill that has ended: what it would cost, and whether that was captured. Deleted with the close. */
export const billJobs = pgTable(
  "bill_jobs",
  {
    job: uuid("job").primaryKey(),
    bill: uuid("bill")
      .notNull()
      .references(() => bills.id),
    /** `repair`: its output was not used, and a second attempt was made. */
    purpose: storableText("purpose").$type<"step" | "repair">().notNull(),
    /** `done`, or the code it failed with. */
    end: storableText("end").notNull(),
    promptTokens: integer("prompt_tokens").notNull(),
    cachedTokens: integer("cached_tokens").notNull(),
    answerTokens: integer("answer_tokens").notNull(),
    estimated: boolean("estimated").notNull(),
    /** In nano units of the bill. */
    amount: amountOf("amount").notNull(),
    shares: storableJson("shares").$type<WorkedShare[]>().notNull(),
    elapsedMs: integer("elapsed_ms").notNull(),
    captured: boolean("captured").notNull(),
    endedAt: at("ended_at").notNull().defaultNow(),
  },
  (t) => [index("bill_jobs_bill").on(t.bill), check("bill_jobs_amount", sql`amount >= 0`)],
);

/** How many free answers a person had on a UTC day; concurrent questions cannot pass the check. */
export const freeAnswers = pgTable(
  "free_answers",
  {
    person: uuid("person").notNull(),
    day: date("day").notNull(),
    used: integer("used").notNull(),
    allowed: integer("allowed").notNull(),
  },
  (t) => [primaryKey({ columns: [t.person, t.day] }), check("free_answers_allowed", sql`used between 0 and allowed`)],
);

/** What all free answers of a UTC day may cost the house, in micro-dollars at list prices. */
export const freeBudgets = pgTable(
  "free_budgets",
  {
    day: date("day").primaryKey(),
    cap: amountOf("cap").notNull(),
    /** Spent, and reserved by answers under way. */
    used: amountOf("used").notNull(),
  },
  () => [check("free_budgets_cap", sql`used between 0 and cap`)],
);

/** Caps that people set themselves, in micro-dollars; an owner without a row has the house's defaults. */
export const spendingCaps = pgTable(
  "spending_caps",
  {
    /** `person:<uuid>` or `key:<uuid>`. */
    owner: storableText("owner").primaryKey(),
    /** One answer; null for the default. A key has none. */
    answer: amountOf("answer"),
    day: amountOf("day"),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  () => [check("spending_caps_positive", sql`coalesce(answer, 1) > 0 and coalesce(day, 1) > 0`)],
);

/** The coin's rates, kept for as long as prices may be explained by them. */
export const rates = pgTable("rates", {
  id: bigserial("id", { mode: "number" }).primaryKey(),
  microUsdPerCoin: amountOf("micro_usd_per_coin").notNull(),
  at: at("at").notNull(),
  sources: storableJson("sources").$type<readonly string[]>().notNull(),
  /** Why paid answers may not use it: see prices/rate.ts. */
  stopped: storableText("stopped").$type<"jump" | "gap">(),
  confirmedAt: at("confirmed_at"),
});

/** The house's money settings that an operator changed, each by its name; others have the defaults of the code. */
export const moneySettings = pgTable("money_settings", {
  name: storableText("name").primaryKey(),
  value: storableJson("value").notNull(),
  updatedAt: at("updated_at").notNull().defaultNow(),
});

/** Everything operators did to money, who did it and why. Append-only. */
export const operatorActs = pgTable("operator_acts", {
  id: bigserial("id", { mode: "number" }).primaryKey(),
  at: at("at").notNull().defaultNow(),
  who: storableText("who").notNull(),
  why: storableText("why").notNull(),
  verb: storableText("verb").notNull(),
  params: storableJson("params").notNull(),
});

/** Public keys that receipts were signed with, kept for ever. */
export const receiptKeys = pgTable("receipt_keys", {
  id: storableText("id").primaryKey(),
  /** Ed25519, base64url. */
  publicKey: storableText("public_key").notNull(),
  createdAt: at("created_at").notNull().defaultNow(),
  /** An operator asked for another one: the server's next start makes it. */
  replaceAskedAt: at("replace_asked_at"),
  retiredAt: at("retired_at"),
});

/** An invoice: for one person, one payment, half an hour. */
export const starOrders = pgTable(
  "star_orders",
  {
    /** The invoice's payload. */
    id: uuid("id").primaryKey().defaultRandom(),
    person: uuid("person").notNull(),
    telegramId: bigint("telegram_id", { mode: "number" }).notNull(),
    kind: storableText("kind").$type<"pack" | "subscription">().notNull(),
    /** Whole Stars. */
    stars: integer("stars").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    expiresAt: at("expires_at").notNull(),
    /** The charge that paid it. */
    charge: storableText("charge"),
  },
  (t) => [index("star_orders_person").on(t.person, t.createdAt), check("star_orders_stars", sql`stars > 0`)],
);

/** Payments of Stars and their refunds; both have Telegram's id of the charge. */
export const starCharges = pgTable(
  "star_charges",
  {
    charge: storableText("charge").notNull(),
    direction: storableText("direction").$type<"paid" | "refunded">().notNull(),
    /** null: the person is gone. */
    person: uuid("person"),
    telegramId: bigint("telegram_id", { mode: "number" }).notNull(),
    stars: integer("stars").notNull(),
    /** What was credited or taken back, in billionths of a Star. */
    credits: amountOf("credits").notNull(),
    order: uuid("order_id"),
    subscription: boolean("subscription").notNull().default(false),
    /** By Telegram's clock. */
    at: at("at").notNull(),
    storedAt: at("stored_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.charge, t.direction] }), index("star_charges_person").on(t.person, t.at)],
);

/** How many transactions of Telegram's statement were read: one row. */
export const starStatement = pgTable(
  "star_statement",
  { one: integer("one").primaryKey().default(1), read: integer("read").notNull() },
  () => [check("star_statement_one", sql`one = 1`)],
);

/** A person's 30-day subscription; a renewal is a charge of its own. */
export const starSubscriptions = pgTable("star_subscriptions", {
  person: uuid("person").primaryKey(),
  telegramId: bigint("telegram_id", { mode: "number" }).notNull(),
  /** The first payment's charge, which Telegram changes a subscription by. */
  firstCharge: storableText("first_charge").notNull(),
  stars: integer("stars").notNull(),
  state: storableText("state").$type<"active" | "canceled" | "failed">().notNull(),
  paidUntil: at("paid_until").notNull(),
});
