import type { Address, Cell, StateInit } from "@ton/core";

/** A message that somebody's wallet shall send. */
export interface OutgoingMessage {
  to: Address;
  /** Attached, nano units. */
  value: bigint;
  body: Cell;
  init?: StateInit;
  /** False when the money shall stay although the receiver cannot run yet; by default it comes back. */
  bounce?: boolean;
  /** The contracts the message may reach, with their names in sentences; the first is the receiver. */
  contracts: readonly { name: string; address: Address }[];
  /** Who alone may send it; absent when anybody may, or more than one. */
  from?: Address;
}
