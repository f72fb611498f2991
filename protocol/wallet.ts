/** Money on TON as people see it: their wallet, deposits and withdrawals. Addresses are raw, amounts nano units. */
import { z } from "zod";
import { Nano } from "./receipts.ts";

export const RawAddress = z.string().regex(/^0:[0-9a-f]{64}$/, "an address of the basechain in its raw form");

/** Bounds and delays of money on TON; nano units and milliseconds. */
export const CHAIN_TERMS = {
  /** The least that a page asks for. */
  depositMin: 100_000_000n,
  depositMax: 1_000_000_000_000n,
  /** Less is not looked for: it is kept, and nobody's. */
  dustBelow: 10_000_000n,
  /** Above this a second endpoint must show the deposit, too. */
  checkedAbove: 25_000_000_000n,
  withdrawMin: 200_000_000n,
  withdrawFee: 10_000_000n,
  /** What a person may ask for in a UTC day. */
  withdrawDayMax: 25_000_000_000n,
  /** What leaves in a UTC day, to all: more waits in its order for the next one. No less than one withdrawal. */
  houseDayMax: 50_000_000_000n,
  coolDownMs: 24 * 3_600_000,
  coolDownAfterChangeMs: 72 * 3_600_000,
  invoiceMs: 5 * 60_000,
  nonceMs: 15 * 60_000,
} as const;

/** What TON Connect hands over when a wallet is connected with a proof. */
export const WalletProof = z.object({
  address: z.string().max(70),
  network: z.string().max(12),
  walletStateInit: z.string().max(16_384).optional(),
  proof: z.object({
    timestamp: z.union([z.number(), z.string().max(20)]),
    domain: z.object({ lengthBytes: z.int(), value: z.string().max(255) }),
    payload: z.string().max(128),
    signature: z.string().max(128),
  }),
});
export type WalletProof = z.infer<typeof WalletProof>;

export const BoundWallet = z.strictObject({
  id: z.uuid(),
  address: RawAddress,
  boundAt: z.iso.datetime(),
  payoutsFrom: z.iso.datetime(),
  /** There was another before, and it can come back until `payoutsFrom`. */
  canCancel: z.boolean(),
});
export type BoundWallet = z.infer<typeof BoundWallet>;

export const DepositView = z.strictObject({
  id: z.uuid(),
  amount: Nano,
  at: z.iso.datetime(),
  state: z.enum(["credited", "checking", "unmatched"]),
  /** Hex. */
  transaction: z.string(),
});
export type DepositView = z.infer<typeof DepositView>;

/** A payment asked of a wallet. `asked` → `handed` (a wallet may have sent it) → `sent` → `credited`, or `expired`. */
export const InvoiceView = z.strictObject({
  /** 63 bits as decimal text. */
  id: z.string().regex(/^\d{1,19}$/),
  amount: Nano,
  expiresAt: z.iso.datetime(),
  state: z.enum(["asked", "handed", "sent", "checking", "credited", "expired"]),
  /** Hex; once it is on the chain. */
  transaction: z.string().nullable(),
});
export type InvoiceView = z.infer<typeof InvoiceView>;

export const PayoutView = z.strictObject({
  id: z.uuid(),
  amount: Nano,
  fee: Nano,
  wallet: RawAddress,
  state: z.enum(["waiting", "queued", "sent", "paid", "returned", "cancelled"]),
  requestedAt: z.iso.datetime(),
  /** Not before. */
  readyAt: z.iso.datetime(),
  /** Of one that is late, because the day's allowance is used up or others come first; null where nobody knows. */
  expectedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  transaction: z.string().nullable(),
});
export type PayoutView = z.infer<typeof PayoutView>;

/** Everything the wallet's screens need of the chain. */
export const ChainOverview = z.strictObject({
  network: z.strictObject({
    /** The chain's global id. */
    id: z.int(),
    name: z.enum(["mainnet", "testnet", "sandbox"]),
    /** Where a transaction or address can be looked at: `{hash}` or `{address}` is put in. */
    explorer: z.strictObject({ transaction: z.string(), address: z.string() }),
  }),
  coin: z.string(),
  /** Whether the app may ask a wallet for deposits here: inside Telegram it is the operator's choice. */
  topUpInTelegram: z.boolean(),
  /** Where deposits are sent. */
  vault: RawAddress,
  /** The person's own number; decimal text. */
  depositNumber: z.string(),
  memo: z.string(),
  wallet: BoundWallet.nullable(),
  balance: Nano,
  withdraw: z.strictObject({
    min: Nano,
    fee: Nano,
    /** The most that can be asked for now: balance and day's limit. */
    max: Nano,
    /** Why nothing can be asked for. */
    blocked: z.enum(["no_wallet", "balance", "day_limit", "halted", "debt"]).nullable(),
    /** When a withdrawal asked for now is ready. */
    readyAt: z.iso.datetime(),
  }),
  /** The newest first, at most 20 each. */
  deposits: z.array(DepositView),
  payouts: z.array(PayoutView),
  invoice: InvoiceView.nullable(),
});
export type ChainOverview = z.infer<typeof ChainOverview>;

export const NewInvoice = z.strictObject({ amount: Nano });
export const NewPayout = z.strictObject({
  /** The caller's own: asked twice it is one withdrawal. In small letters, as the books' accounts are named by it. */
  id: z.uuid().toLowerCase(),
  amount: Nano,
});
export const NewClaim = z.strictObject({ words: z.string().trim().min(3).max(500) });
