/** How a message names its row of `outgoing` on the chain: by the first 48 bits of the row's id. */
import { beginCell } from "@ton/core";
import type { Cell } from "@ton/core";
import { ledgerKey } from "../../billing/ledger-key.ts";

const COMMENT = /^StarAI ([0-9a-f]{12})$/;

/**
 * The id of a payout's message follows from the payout's: a message on the chain leads to its payout also where a
 * database that was restored does not know that it was sent. Nobody can choose it, as they choose a payout's.
 */
export const messageIdOf = (payout: string): string => ledgerKey("message of payout", payout);

/** A comment that the receiver's wallet shows. A bounce carries its first 28 bytes back: all of it. */
export function payoutBody(id: string): Cell {
  return beginCell()
    .storeUint(0, 32)
    .storeStringTail(`StarAI ${nameOf(id)}`)
    .endCell();
}

/** For messages with a query id. */
export const queryIdOf = (id: string): bigint => BigInt(`0x${nameOf(id)}`);

/** The first and last id that have this name. */
export interface NamedIds {
  readonly first: string;
  readonly last: string;
}

export function idsOfQuery(queryId: bigint): NamedIds | null {
  const name = queryId.toString(16).padStart(12, "0");
  return name.length === 12 ? idsNamed(name) : null;
}

/** Of a bounced message of ours; null for anything else. */
export function idsInBounce(body: Cell): NamedIds | null {
  const slice = body.beginParse();
  if (slice.remainingBits < 64 || slice.loadUint(32) !== 0xffffffff || slice.loadUint(32) !== 0) return null;
  const bytes = Math.min(Math.floor(slice.remainingBits / 8), COMMENT_BYTES);
  const name = COMMENT.exec(slice.loadBuffer(bytes).toString("latin1"))?.[1];
  return name === undefined ? null : idsNamed(name);
}

const COMMENT_BYTES = 19;

const nameOf = (id: string): string => id.replaceAll("-", "").slice(0, 12);

function idsNamed(name: string): NamedIds {
  const head = `${name.slice(0, 8)}-${name.slice(8)}`;
  return { first: `${head}-0000-0000-000000000000`, last: `${head}-ffff-ffff-ffffffffffff` };
}
