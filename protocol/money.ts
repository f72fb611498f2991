/** What a person sees of their money: the same for the bot and the Mini App. Amounts as in receipts.ts. */
import { z } from "zod";
import { Nano, PaidWith } from "./receipts.ts";

/** Packs of Stars on sale. */
export const STAR_PACKS = [50, 250, 1_000] as const;
/** A subscription: Stars every 30 days, credited with a tenth more. */
export const SUBSCRIPTION = { stars: 250, creditPercent: 110, days: 30 } as const;

/** A payment of which nothing was spent is returned for the asking within so many days: the terms say it. */
export const RETURN_DAYS = 14;

/** Dollars of caps: a cent to $1,000 a day, a tenth of a cent to $10 an answer; in micro-dollars. */
export const CAP_BOUNDS = {
  answer: { min: 1_000, max: 10_000_000 },
  day: { min: 10_000, max: 1_000_000_000 },
} as const;

export const Caps = z.strictObject({
  /** Micro-dollars. */
  answer: z.int().min(CAP_BOUNDS.answer.min).max(CAP_BOUNDS.answer.max),
  day: z.int().min(CAP_BOUNDS.day.min).max(CAP_BOUNDS.day.max),
});
export type Caps = z.infer<typeof Caps>;

/** Why no new paid answer begins: no usable rate, books that do not add up, or the operator's word. */
export const PausedWhy = z.enum(["rate", "books", "operator"]);
export type PausedWhy = z.infer<typeof PausedWhy>;

export const Balance = z.strictObject({
  /** What can be spent now: held and owed amounts are taken off. */
  spendable: Nano,
  held: Nano,
});

export const Subscription = z.strictObject({
  state: z.enum(["active", "canceled", "failed"]),
  stars: z.int(),
  paidUntil: z.iso.datetime(),
});
export type Subscription = z.infer<typeof Subscription>;

export const MoneyOverview = z.strictObject({
  /** The coin's name, a setting of the house. */
  coin: z.string(),
  free: z.strictObject({
    allowed: z.int(),
    used: z.int(),
    left: z.int(),
    resetsAt: z.iso.datetime(),
    /** Whether the chosen model is small enough to be free. */
    modelIsFree: z.boolean(),
    /** Whether the house's budget for free answers is used up today. */
    houseIsSpent: z.boolean(),
  }),
  stars: Balance.extend({ debt: Nano }),
  prepaid: Balance,
  /** What a typical answer of the chosen model costs; null while there is no price. */
  answer: z.strictObject({ model: z.string(), stars: Nano.nullable(), coin: Nano.nullable() }),
  rate: z.strictObject({ microUsdPerCoin: Nano, at: z.iso.datetime(), stale: z.boolean() }).nullable(),
  paused: PausedWhy.nullable(),
  caps: Caps,
  spentToday: z.strictObject({ stars: Nano, coin: Nano }),
  subscription: Subscription.nullable(),
});
export type MoneyOverview = z.infer<typeof MoneyOverview>;

export const HistoryEntry = z.strictObject({
  id: z.string(),
  kind: z.enum([
    "answer",
    "request",
    "topup",
    "subscription",
    "refund",
    "debt_paid",
    /** Coins that came from the chain. */
    "deposit",
    /** Coins on their way to a wallet; above zero when they came back. */
    "withdrawal",
    /** Of a withdrawal. */
    "fee",
    /** What an escrow had paid beyond its answers when its round ended. */
    "custody_rest",
    "adjustment",
  ]),
  at: z.iso.datetime(),
  /** `self_custody`: coins of the person's own escrow, which are in no balance here. */
  paidWith: z.enum([...PaidWith.options, "self_custody"]),
  /** Below zero for what was spent or taken back. */
  amount: Nano,
  /** The conversation's title or the key's name; null where it is gone. */
  title: z.string().nullable(),
  /** Id of its receipt. */
  receipt: z.uuid().nullable(),
});
export type HistoryEntry = z.infer<typeof HistoryEntry>;

export const HistoryPage = z.strictObject({
  entries: z.array(HistoryEntry),
  /** Pass as `before` for the next page; null at the end. */
  next: z.string().nullable(),
});
export type HistoryPage = z.infer<typeof HistoryPage>;

/** An API key as its owner sees it; the key itself is shown once, when it is made. */
export const OwnKey = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  createdAt: z.iso.datetime(),
  /** Micro-dollars a day. */
  dayCap: z.int(),
  spentToday: z.strictObject({ stars: Nano, coin: Nano }),
});
export type OwnKey = z.infer<typeof OwnKey>;

export const KEY_NAME_CHARS_MAX = 60;
/** Active keys of one person. */
export const KEYS_MAX = 20;

/** An order for Stars: an invoice is made of it, whose payload is its id. */
export const StarOrder = z.strictObject({
  id: z.uuid(),
  kind: z.enum(["pack", "subscription"]),
  stars: z.int(),
  expiresAt: z.iso.datetime(),
});
export type StarOrder = z.infer<typeof StarOrder>;

export const NewOrder = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("pack"), stars: z.literal([...STAR_PACKS]) }),
  z.strictObject({ kind: z.literal("subscription") }),
]);
export type NewOrder = z.infer<typeof NewOrder>;
