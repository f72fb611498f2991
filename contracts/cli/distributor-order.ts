/** Sends a message to the distributor of the command line. Who may is the distributor's decision: it refuses anybody else. */
import type { Address, Cell } from "@ton/core";
import { ContributorAccount } from "../wrappers/ContributorAccount.ts";
import type { CliContext } from "./cli-context.ts";
import { deliver } from "./deliver.ts";
import type { DistributorSnapshot } from "./distributor.ts";
import type { OutgoingMessage } from "./outgoing.ts";

/** Attached value, nano units: gas under either price list; the rest is refunded. */
export const ATTACHED = 50_000_000n;

interface Order {
  body: Cell;
  /** Who alone may send it. */
  from?: Address | null;
  /** The contributor whose account the message reaches through the distributor. */
  owner?: Address;
  value?: bigint;
}

/** As `deliver`. */
export async function order(context: CliContext, seen: DistributorSnapshot, order: Order): Promise<boolean> {
  return deliver(context, orderMessage(seen, order));
}

export function orderMessage(
  { distributor: { address } }: Pick<DistributorSnapshot, "distributor">,
  { body, from, owner, value = ATTACHED }: Order,
): OutgoingMessage {
  const account = owner && new ContributorAccount({ owner, distributor: address }).address;
  const contracts = [{ name: "distributor", address }, ...(account ? [{ name: "account", address: account }] : [])];
  return { to: address, value, body, contracts, ...(from && { from }) };
}
