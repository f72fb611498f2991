/** What a message to the deposits vault says. Anybody can send any bytes, so that all of it is read in bounded time. */
import type { Cell } from "@ton/core";
import { VaultOp } from "@starai/contracts/vault-codes";

export type DepositBody =
  | { readonly kind: "typed"; readonly number: bigint; readonly invoice: bigint }
  | { readonly kind: "comment"; readonly text: string }
  /** From a jetton's wallet: another token arrived, or what was left of moving one. */
  | { readonly kind: "jetton" }
  /** A keeper's or the hot wallet's order to the vault. */
  | { readonly kind: "order" }
  /** Nothing, or nothing that we know. */
  | { readonly kind: "other" };

const OTHER: DepositBody = { kind: "other" };
const COMMENT = 0;
/** TEP-74: transfer_notification, excesses. */
const JETTON_OPS: ReadonlySet<number> = new Set([0x7362d09c, 0xd53276db]);
const ORDERS: ReadonlySet<number> = new Set([
  VaultOp.PayHot,
  VaultOp.PayPool,
  VaultOp.StopHot,
  VaultOp.Propose,
  VaultOp.Approve,
  VaultOp.Cancel,
  VaultOp.Execute,
]);
/** A comment is shown to operators and compared with memos; the rest of a long one is nobody's. */
const COMMENT_CHARS_MAX = 200;
const COMMENT_BYTES_MAX = COMMENT_CHARS_MAX * 4;

export function readDepositBody(body: Cell): DepositBody {
  try {
    return read(body);
  } catch {
    return OTHER;
  }
}

/** @throws where the body ends early, or is of an exotic cell */
function read(body: Cell): DepositBody {
  const slice = body.beginParse();
  if (slice.remainingBits < 32) return OTHER;
  const op = slice.loadUint(32);
  if (op === VaultOp.Deposit) return { kind: "typed", invoice: slice.loadUintBig(64), number: slice.loadUintBig(64) };
  if (JETTON_OPS.has(op)) return { kind: "jetton" };
  if (ORDERS.has(op)) return { kind: "order" };
  return op === COMMENT ? { kind: "comment", text: commentOf(body) } : OTHER;
}

/** The text's beginning, without what steers a terminal. It lies in a chain of cells. */
function commentOf(body: Cell): string {
  const parts: Buffer[] = [];
  let bytes = 0;
  let slice = body.beginParse().skip(32);
  for (;;) {
    const part = slice.loadBuffer(Math.floor(slice.remainingBits / 8));
    parts.push(part);
    bytes += part.length;
    if (slice.remainingRefs === 0 || bytes >= COMMENT_BYTES_MAX) break;
    const next = slice.loadRef().beginParse();
    // A cell without a byte could be followed by another one, and so on.
    if (next.remainingBits < 8) break;
    slice = next;
  }
  const text = Buffer.concat(parts).subarray(0, COMMENT_BYTES_MAX).toString("utf8");
  return text.replaceAll(/\p{C}/gu, " ").trim().slice(0, COMMENT_CHARS_MAX);
}
