/**
 * The ledger's tables. Amounts are nano units of the coin and micro-Stars: whole numbers, never floats.
 *
 * What the database itself refuses, whatever a program asks of it: a posting between two assets, a posting changed or
 * deleted, an unsigned account below what is held of it, a hold used beyond its amount, a day beyond its cap, an effect
 * written twice, a leg reversed twice. Storage settings and the triggers stand in the migration.
 */
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  date,
  foreignKey,
  index,
  pgEnum,
  pgTable,
  primaryKey,
  smallint,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes } from "./bytes.ts";
import { storableJson, storableText } from "./storable.ts";

/** The coin of TON, whatever its ticker, in nano units; credits bought with Telegram Stars, in billionths of a Star. */
export const ledgerAsset = pgEnum("ledger_asset", ["coin", "stars"]);

const at = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const amountOf = (name: string) => bigint(name, { mode: "bigint" });
const accountId = (name: string) => bigint(name, { mode: "number" });

/** Whose money it is. A balance is what was credited less what was debited: the sum of the account's postings. */
export const ledgerAccounts = pgTable(
  "ledger_accounts",
  {
    id: accountId("id").primaryKey().generatedAlwaysAsIdentity(),
    asset: ledgerAsset("asset").notNull(),
    /** See ledger/rules/account-kinds.ts. */
    kind: storableText("kind").notNull(),
    /** `person:<uuid>`, `wallet:<hash>`, `escrow:<hash>`, `house`. */
    owner: storableText("owner").notNull(),
    /** May be below zero: a mirror of money outside, or a debt. */
    signed: boolean("signed").notNull(),
    balance: amountOf("balance")
      .notNull()
      .default(sql`0`),
    /** The part promised to open holds. */
    held: amountOf("held")
      .notNull()
      .default(sql`0`),
  },
  (t) => [
    unique("ledger_accounts_owner").on(t.asset, t.kind, t.owner),
    unique("ledger_accounts_asset").on(t.id, t.asset),
    check("ledger_accounts_held", sql`held >= 0`),
    check("ledger_accounts_covered", sql`signed or balance >= held`),
    // A sum of two such balances still fits into 64 bits.
    check("ledger_accounts_bounded", sql`abs(balance) < 4000000000000000000`),
  ],
);

/** One leg of an effect: an amount that went from the debited account to the credited one. Append-only. */
export const ledgerPostings = pgTable(
  "ledger_postings",
  {
    /** The effect's idempotency key. */
    key: uuid("key").notNull(),
    leg: smallint("leg").notNull(),
    /** SHA-256 of what was asked under this key. */
    params: bytes("params").notNull(),
    asset: ledgerAsset("asset").notNull(),
    debit: accountId("debit").notNull(),
    credit: accountId("credit").notNull(),
    amount: amountOf("amount").notNull(),
    kind: storableText("kind").notNull(),
    /** The hold it was captured from, or given back to. */
    hold: uuid("hold"),
    /** The effect whose leg of the same number it undoes. */
    reverses: uuid("reverses"),
    /** Order of writing: verification goes on where it last stopped. */
    seq: bigint("seq", { mode: "number" }).notNull().generatedAlwaysAsIdentity({ name: "ledger_postings_seq" }),
    at: at("at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.key, t.leg] }),
    // Both sides are accounts of this one asset.
    foreignKey({
      name: "ledger_postings_debit",
      columns: [t.debit, t.asset],
      foreignColumns: [ledgerAccounts.id, ledgerAccounts.asset],
    }),
    foreignKey({
      name: "ledger_postings_credit",
      columns: [t.credit, t.asset],
      foreignColumns: [ledgerAccounts.id, ledgerAccounts.asset],
    }),
    foreignKey({
      name: "ledger_postings_reversed_leg",
      columns: [t.reverses, t.leg],
      foreignColumns: [t.key, t.leg],
    }),
    uniqueIndex("ledger_postings_reversed_once")
      .on(t.reverses, t.leg)
      .where(sql`reverses is not null`),
    index("ledger_postings_written").using("brin", t.seq),
    // What came and went beside answers, for a person's history. Answers' legs, nearly all there is, are in neither.
    index("ledger_postings_moved_from")
      .on(t.debit, t.at)
      .where(sql`hold is null`),
    index("ledger_postings_moved_to")
      .on(t.credit, t.at)
      .where(sql`hold is null`),
    check("ledger_postings_amount", sql`amount > 0`),
    check("ledger_postings_two_sides", sql`debit <> credit`),
  ],
);

/** An amount of an account set aside for one answer or API job: the most it may cost. Open until `closed_at`. */
export const ledgerHolds = pgTable(
  "ledger_holds",
  {
    id: uuid("id").primaryKey(),
    account: accountId("account").notNull(),
    asset: ledgerAsset("asset").notNull(),
    amount: amountOf("amount").notNull(),
    /** Captured so far, less what was reversed. */
    used: amountOf("used")
      .notNull()
      .default(sql`0`),
    params: bytes("params").notNull(),
    /** The day in UTC whose caps it counts against. */
    day: date("day", { mode: "string" }).notNull(),
    /** Whose caps: owners of spend_days, as a JSON array of texts. */
    capOwners: storableJson("cap_owners").$type<string[]>().notNull(),
    /** Every posting before it was opened has at most this number; its own have higher ones. */
    openedAfter: bigint("opened_after", { mode: "number" }).notNull(),
    expiresAt: at("expires_at").notNull(),
    closedAt: at("closed_at"),
  },
  (t) => [
    foreignKey({
      name: "ledger_holds_account",
      columns: [t.account, t.asset],
      foreignColumns: [ledgerAccounts.id, ledgerAccounts.asset],
    }),
    index("ledger_holds_open")
      .on(t.expiresAt)
      .where(sql`closed_at is null`),
    index("ledger_holds_day").using("brin", t.day),
    index("ledger_holds_opened").using("brin", t.openedAfter),
    check("ledger_holds_amount", sql`amount > 0`),
    check("ledger_holds_used", sql`used between 0 and amount`),
  ],
);

/** What an owner of a cap (a person, a chat, an API key) spends on a day in UTC. */
export const spendDays = pgTable(
  "spend_days",
  {
    owner: storableText("owner").notNull(),
    asset: ledgerAsset("asset").notNull(),
    day: date("day", { mode: "string" }).notNull(),
    /** The cap under which the last hold was granted. */
    cap: amountOf("cap").notNull(),
    spent: amountOf("spent")
      .notNull()
      .default(sql`0`),
    held: amountOf("held")
      .notNull()
      .default(sql`0`),
  },
  (t) => [
    primaryKey({ columns: [t.owner, t.asset, t.day] }),
    check("spend_days_counts", sql`spent >= 0 and held >= 0`),
    check("spend_days_within_cap", sql`spent + held <= cap`),
  ],
);

/** Verified up to `upto`: the account's balance by all postings numbered up to it, found right at that time. */
export const ledgerWatermarks = pgTable("ledger_watermarks", {
  account: accountId("account")
    .primaryKey()
    .references(() => ledgerAccounts.id),
  upto: bigint("upto", { mode: "number" }).notNull(),
  balance: amountOf("balance").notNull(),
});
