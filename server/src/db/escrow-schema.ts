/**
 * Self-custody: money that stays in its owner's escrow on TON, and the vouchers they signed for it. What was signed and
 * served is in the ledger: accounts `receivable` and `escrow` of owner `escrow:<hash>`. Addresses are raw, amounts nano
 * units, times without a zone UNIX seconds of the chain.
 */
import { sql } from "drizzle-orm";
import { bigint, check, index, integer, pgTable, primaryKey, timestamp, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { bytes } from "./bytes.ts";
import { storableJson, storableText } from "./storable.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const amountOf = (name: string) => bigint(name, { mode: "bigint" });
/** 32 bits without a sign. */
const chainInteger = (name: string) => bigint(name, { mode: "number" });

/** An escrow that pays our till: its state as it was last seen on the chain, and how far the books follow it. */
export const escrows = pgTable(
  "escrows",
  {
    address: storableText("address").primaryKey(),
    /** The wallet that it belongs to; its answers are those of the person who bound it. */
    owner: storableText("owner").notNull(),
    networkId: integer("network_id").notNull(),
    vault: storableText("vault").notNull(),
    /** Hex, as every key here. */
    providerKey: storableText("provider_key").notNull(),
    storedAt: at("stored_at").notNull().defaultNow(),
    /** By our clock and by the chain's. */
    seenAt: at("seen_at").notNull(),
    seenChainS: chainInteger("seen_chain_s").notNull(),
    /** Session keys, at their indexes. */
    keys: storableJson("keys").$type<readonly string[]>().notNull(),
    round: chainInteger("round").notNull(),
    /** When a requested close is ripe. */
    ripeAt: chainInteger("ripe_at"),
    /** Paid to the till since the beginning, by the escrow itself. */
    settled: amountOf("settled").notNull(),
    /** What it holds above its storage reserve, and what is left of its daily cap; see EscrowState. */
    available: amountOf("available").notNull(),
    dailyCap: amountOf("daily_cap").notNull(),
    capLeft: amountOf("cap_left").notNull(),
    /** Keys a voucher of which the chain itself has judged. */
    judgedKeys: storableJson("judged_keys").$type<readonly string[]>().notNull(),
    /** The round that the books are in: behind `round` until what the last one left is settled. */
    bookedRound: chainInteger("booked_round").notNull(),
    /** Paid to the till since the beginning, by the payments that the books have. */
    bookedSettled: amountOf("booked_settled").notNull(),
    /** The round that we agreed to close at once: nothing is served in it any more. */
    consentRound: chainInteger("consent_round"),
    consentUntil: chainInteger("consent_until"),
  },
  (t) => [
    index("escrows_owner").on(t.owner, t.storedAt),
    index("escrows_seen").on(t.seenAt),
    check("escrows_amounts", sql`settled >= 0 and available >= 0 and cap_left >= 0 and booked_settled >= 0`),
    check("escrows_rounds", sql`booked_round <= round`),
    check("escrows_consent", sql`(consent_round is null) = (consent_until is null)`),
  ],
);

/** The best voucher of an escrow's round: it replaces all smaller ones. */
export const vouchers = pgTable(
  "vouchers",
  {
    escrow: storableText("escrow")
      .notNull()
      .references(() => escrows.address),
    round: chainInteger("round").notNull(),
    /** What the till may have in all since the beginning. */
    cumulative: amountOf("cumulative").notNull(),
    keyIndex: integer("key_index").notNull(),
    signature: bytes("signature").notNull(),
    storedAt: at("stored_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.escrow, t.round] }),
    check("vouchers_cumulative", sql`cumulative > 0`),
    check("vouchers_signature", sql`octet_length(signature) = 64`),
  ],
);

/** A voucher that the hot wallet was told to redeem (`outgoing`, kind `redeem`). One at a time for each escrow. */
export const redemptions = pgTable(
  "redemptions",
  {
    id: uuid("id").primaryKey(),
    escrow: storableText("escrow")
      .notNull()
      .references(() => escrows.address),
    round: chainInteger("round").notNull(),
    cumulative: amountOf("cumulative").notNull(),
    /** 63 random bits, which the payment repeats. */
    queryId: amountOf("query_id").notNull(),
    /** `void`: no payment came of it in time; another one may be made. */
    state: storableText("state").$type<"open" | "paid" | "void">().notNull().default("open"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("redemptions_one_at_a_time")
      .on(t.escrow)
      .where(sql`state = 'open'`),
    index("redemptions_escrow").on(t.escrow, t.createdAt),
  ],
);
