/** What the bot tells people about their money and machines without having been asked. Amounts are nano units, of the coin where nothing else is said. */
import { z } from "zod";
import { Nano } from "./receipts.ts";

/** A wallet's address as people read it. */
const Wallet = z.string().max(100);

export const NoticeParams = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("deposit_credited"), amount: Nano }),
  /** Money arrived from their wallet that must be seen by a second endpoint first. */
  z.strictObject({ kind: z.literal("deposit_checking"), amount: Nano }),
  /** Money from their wallet came with another person's number or memo, whose it is. */
  z.strictObject({ kind: z.literal("deposit_given"), amount: Nano }),
  /** Their wallet was bound or changed; with `cancel` there was one before, and it can be taken back until then. */
  z.strictObject({
    kind: z.literal("wallet_bound"),
    wallet: Wallet,
    payoutsFrom: z.iso.datetime(),
    cancel: z.uuid().nullable(),
  }),
  z.strictObject({ kind: z.literal("wallet_change_cancelled"), wallet: Wallet }),
  /** It can be cancelled until it is ready. */
  z.strictObject({
    kind: z.literal("payout_requested"),
    amount: Nano,
    wallet: Wallet,
    readyAt: z.iso.datetime(),
    cancel: z.uuid(),
  }),
  z.strictObject({ kind: z.literal("payout_paid"), amount: Nano, wallet: Wallet, transaction: z.string() }),
  z.strictObject({ kind: z.literal("payout_returned"), amount: Nano }),
  /** A paid answer left less than another usual one costs; `left` is of what paid for it. */
  z.strictObject({ kind: z.literal("low_balance"), paidWith: z.enum(["stars", "coin"]), left: Nano }),
  /** A machine of theirs has not been connected for ten minutes. */
  z.strictObject({ kind: z.literal("machine_offline"), name: z.string(), since: z.iso.datetime() }),
  /** Their leaf of a closed epoch can be claimed. */
  z.strictObject({ kind: z.literal("claim_ready"), amount: Nano, epoch: z.int() }),
  z.strictObject({ kind: z.literal("slash_proposed"), amount: Nano, reason: z.string() }),
  z.strictObject({
    kind: z.literal("slash_ended"),
    amount: Nano,
    outcome: z.enum(["cancelled", "executed", "expired"]),
  }),
  /** The operator's reply to what they wrote, which is quoted. */
  z.strictObject({ kind: z.literal("appeal_answered"), note: z.string(), reply: z.string() }),
  /** So many of their machines have an older version of the worker. */
  z.strictObject({ kind: z.literal("worker_update"), version: z.string(), machines: z.int().positive() }),
]);
export type NoticeParams = z.infer<typeof NoticeParams>;

export const Notice = z.strictObject({
  id: z.uuid(),
  telegramId: z.int(),
  /** Of the person. */
  language: z.string(),
  coin: z.string(),
  /** Where its transaction can be looked at; null where there is none. */
  link: z.url({ protocol: /^https?$/ }).nullable(),
  params: NoticeParams,
});
export type Notice = z.infer<typeof Notice>;

/** Of a reply to a contributor's note, which may itself be as long: both fit into one message. */
export const APPEAL_REPLY_CHARS = { min: 3, max: 1_000 };

/** Notices handed to the bot at once. */
export const NOTICES_MAX = 50;
