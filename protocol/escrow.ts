/**
 * Self-custody as its owner sees it: their own escrow on TON, and the vouchers signed for it. Amounts are nano units;
 * `signed`, `served` and `settled` count since the escrow's beginning, as vouchers do. Times are UNIX seconds of the chain.
 */
import { z } from "zod";
import { Nano } from "./receipts.ts";
import { RawAddress } from "./wallet.ts";

/** Redeemed from this much on that was served; where no more is to come from the second, which pays for its redemption. */
export const REDEEM_TERMS = { worth: 50_000_000n, lastWorth: 1_000_000n } as const;

const Key = z.string().regex(/^[0-9a-f]{64}$/);

/** What the escrow's address is derived from, and what a wallet opens it with. */
const EscrowTermsView = z.strictObject({
  owner: RawAddress,
  vault: RawAddress,
  providerKey: Key,
  networkId: z.int(),
});

/**
 * Why no answer is paid from it now. `stale`: the chain was not seen for too long; `counting`: a round is over, and the
 * payment of what it owed is still on its way; `consented`: we agreed to close; `sign`: a further voucher is needed;
 * `unredeemed`: enough was served, the till is paid first; `funds`: its balance or the cap is used up for now.
 */
export const EscrowBlocked = z.enum([
  "stale",
  "unopened",
  "closing",
  "consented",
  "counting",
  "sign",
  "unredeemed",
  "funds",
]);
export type EscrowBlocked = z.infer<typeof EscrowBlocked>;

/** Our consent to close at once: `escrowBody.closeTogether` of it, sent by the owner. */
export const ConsentView = z.strictObject({
  round: z.int(),
  cumulative: Nano,
  validUntil: z.int(),
  /** 64 bytes, hex. */
  signature: z.string(),
});
export type ConsentView = z.infer<typeof ConsentView>;

export const EscrowView = z.strictObject({
  address: RawAddress,
  terms: EscrowTermsView,
  /** The chain's time now. */
  nowS: z.int(),
  /** null: there is no contract at the address yet. */
  chain: z
    .strictObject({
      keys: z.array(Key),
      round: z.int(),
      settled: Nano,
      /** What it holds above its storage reserve. */
      available: Nano,
      dailyCap: Nano,
      capLeft: Nano,
      /** When a requested close is ripe. */
      ripeAt: z.int().nullable(),
    })
    .nullable(),
  /** The most that was signed to us, the part of it that was served, and what answers under way may cost beside it. */
  signed: Nano,
  served: Nano,
  held: Nano,
  /** What an answer may cost now, and why it is nothing. */
  spendable: Nano,
  blocked: EscrowBlocked.nullable(),
  /** The most that a voucher may be of now. */
  signAtMost: Nano,
});
export type EscrowView = z.infer<typeof EscrowView>;

export const NewVoucher = z.strictObject({
  round: z.int().min(0).max(0xffff_ffff),
  /** Nano units since the escrow's beginning. */
  cumulative: z.string().regex(/^[1-9]\d{0,18}$/, "whole nano units, 1 to 19 digits"),
  /** 64 bytes, hex. */
  signature: z.string().regex(/^[0-9a-f]{128}$/, "64 bytes in hex"),
});
export type NewVoucher = z.infer<typeof NewVoucher>;
