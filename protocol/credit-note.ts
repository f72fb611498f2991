/** What the pool owes a worker for a job, under the pool's signature: the worker keeps it and compares leaves with it. */
import { z } from "zod";
import { Nano } from "./receipts.ts";
import { WorkerKey } from "./worker-key.ts";

export const CreditNote = z.strictObject({
  version: z.literal(1),
  /** As in the pool's challenge: whose note it is. */
  server: z.string().max(120),
  worker: WorkerKey,
  asset: z.enum(["coin", "stars"]),
  /** From 1, without a gap. */
  number: z.int().positive(),
  /** Or the payment, where Stars earnings were paid in coins. */
  job: z.uuid(),
  amount: Nano,
  /** Of this note and all before it. */
  total: Nano,
  at: z.iso.datetime(),
});
export type CreditNote = z.infer<typeof CreditNote>;

/** The note is the exact text that was signed (Ed25519 over its UTF-8 bytes). */
export const SignedNote = z.strictObject({
  note: z.string().max(1_000),
  /** Which of the pool's receipt keys: GET /api/receipt-keys tells them. */
  key: z.string().max(60),
  /** base64url */
  signature: z.string().max(100),
});
export type SignedNote = z.infer<typeof SignedNote>;

/** Notes in one frame. */
export const NOTES_PER_FRAME_MAX = 50;
