/** How messages between our contracts begin, also one that comes back. */
import type { Slice } from "@ton/core";
import type { InMessage } from "./account-transaction.ts";

/** Stands before a body that comes back. */
const BOUNCED_BITS = 32;

export interface MessageHead {
  readonly op: number;
  /** 64 bits, unsigned. */
  readonly queryId: bigint;
  /** What follows; of a message that comes back, the beginning of it. */
  readonly rest: Slice;
}

/** null: the body is shorter, or no ordinary cell, as anybody may send it. */
export function headOf({ body, bounced }: Pick<InMessage, "body" | "bounced">): MessageHead | null {
  if (body.isExotic) return null;
  const rest = body.beginParse();
  const skip = bounced ? BOUNCED_BITS : 0;
  if (rest.remainingBits < skip + 96) return null;
  return { op: rest.skip(skip).loadUint(32), queryId: rest.loadUintBig(64), rest };
}
