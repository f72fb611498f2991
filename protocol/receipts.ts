/**
 * Receipts: what an answer cost, how that was computed, and who got it. They hold numbers and no texts, so they can be
 * kept when a conversation is deleted. Amounts are whole nano units (of a coin or of a Star) as decimal text, because a
 * number of JSON loses digits.
 */
import { z } from "zod";

export const Nano = z.string().regex(/^-?\d{1,19}$/);
export type Nano = z.infer<typeof Nano>;

/** `free`: of the day's free answers; `house`: with a key of the house. Those cost nobody anything. */
export const PaidWith = z.enum(["free", "stars", "coin", "house"]);
export type PaidWith = z.infer<typeof PaidWith>;

/** What kept an answer short of its worst case: it may end earlier because of it. */
export const BudgetBound = z.enum(["answer_cap", "day_cap", "balance"]);
export type BudgetBound = z.infer<typeof BudgetBound>;

/** Nano units for a million tokens, locked when the answer began. */
export const StoredPrice = z.strictObject({
  perMillion: z.strictObject({ prompt: Nano, cached: Nano, answer: Nano }),
  askPercent: z.int(),
  /** The house's part in hundredths of a percent, and how much of it is set aside for workers of failed answers. */
  feeBasisPoints: z.int().min(0).max(10_000),
  lossBasisPoints: z.int().min(0).max(10_000),
  /** The rate it was made with; null where none was needed or none was known. */
  rate: z.strictObject({ id: z.string(), microUsdPerCoin: Nano, at: z.iso.datetime() }).nullable(),
});
export type StoredPrice = z.infer<typeof StoredPrice>;

/** A machine's part of a model that several served together. */
export const SplitWork = z.strictObject({
  /** Of the model's layers, those it computed. */
  layers: z.int().nonnegative(),
  ofLayers: z.int().positive(),
  /** Bytes of weights it computed for a token: what their attempt earned is divided in proportion to them. */
  bytes: z.int().nonnegative(),
  ofBytes: z.int().nonnegative(),
});
export type SplitWork = z.infer<typeof SplitWork>;

/** One worker's part of a job. Machines that served it together stand side by side, in the order of their layers. */
export const WorkedShare = z.strictObject({
  worker: z.string(),
  name: z.string(),
  /** Tokens of it that the server committed. */
  tokens: z.int().nonnegative(),
  /** Dropped for output that could not be true: its share goes to refunds. */
  isFalse: z.boolean(),
  amount: Nano,
  /** What it would have had besides, had it kept to the service level; kept for machines that are there. */
  withheld: Nano.optional(),
  /** Absent: it computed the whole model. */
  work: SplitWork.optional(),
});
export type WorkedShare = z.infer<typeof WorkedShare>;

export const ReceiptJob = z.strictObject({
  job: z.uuid(),
  purpose: z.enum(["step", "repair"]),
  end: z.string(),
  promptTokens: z.int().nonnegative(),
  /** The part of the prompt that the worker still knew, by what the server itself had sent it. */
  cachedTokens: z.int().nonnegative(),
  answerTokens: z.int().nonnegative(),
  /** Whether some tokens were estimated from bytes. */
  estimated: z.boolean(),
  /** What it costs at the price; the person paid it where `paid`. */
  amount: Nano,
  paid: z.boolean(),
  workers: z.array(WorkedShare),
  elapsedMs: z.int().nonnegative(),
});
export type ReceiptJob = z.infer<typeof ReceiptJob>;

/** `availability`: for machines that are there when they are needed, of shares whose workers were slow. */
export const ReceiptLeg = z.strictObject({
  to: z.enum(["worker", "fee", "loss_reserve", "refunds", "availability"]),
  worker: z.string().nullable(),
  amount: Nano,
});
export type ReceiptLeg = z.infer<typeof ReceiptLeg>;

export const Receipt = z.strictObject({
  version: z.literal(1),
  /** The answer's run, or the request's bill. */
  id: z.uuid(),
  kind: z.enum(["answer", "request"]),
  openedAt: z.iso.datetime(),
  closedAt: z.iso.datetime(),
  model: z.strictObject({ id: z.string(), sha256: z.string() }),
  /** `answered`, `asked`, `stopped`, `deleted`, `length` or `failed`. */
  outcome: z.string(),
  paidWith: PaidWith,
  price: StoredPrice,
  jobs: z.array(ReceiptJob),
  /** What the person paid; the sum of the legs. */
  amount: Nano,
  legs: z.array(ReceiptLeg),
  /** Paid step by step and given back at the end, because the answer failed. */
  returned: Nano,
  bound: BudgetBound.nullable(),
  /** Raw address of the person's own escrow, where the coins came from there and not from what they had prepaid. */
  escrow: z
    .string()
    .regex(/^0:[0-9a-f]{64}$/)
    .optional(),
});
export type Receipt = z.infer<typeof Receipt>;

/** As served: the receipt is the exact text that was signed (Ed25519 over its UTF-8 bytes). */
export const SignedReceipt = z.strictObject({
  receipt: z.string(),
  key: z.string(),
  /** base64url */
  signature: z.string(),
});
export type SignedReceipt = z.infer<typeof SignedReceipt>;

/** A key receipts are or were signed with; `retiredAt` null: the one in use. */
export const ReceiptKey = z.strictObject({
  id: z.string(),
  /** Ed25519, base64url. */
  publicKey: z.string(),
  createdAt: z.iso.datetime(),
  retiredAt: z.iso.datetime().nullable(),
});
export type ReceiptKey = z.infer<typeof ReceiptKey>;

/** What the line under an answer says of its price. */
export const RunBill = z.strictObject({
  paidWith: PaidWith,
  amount: Nano,
  bound: BudgetBound.nullable(),
  /** Free answers left today: after this one as it ends, as of now for a stored one; null where it was not a free one. */
  freeLeft: z.int().nonnegative().nullable(),
});
export type RunBill = z.infer<typeof RunBill>;
