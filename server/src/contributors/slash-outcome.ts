/**
 * What became of a slash, as the contributor's account tells it. A slash is known by its reason, which is the hash of its
 * evidence; the account keeps the last one's, also when that is over, and how it ended follows from the cool-down: none
 * after an execution, the one fixed at the proposal after it expired, another one after it was cancelled. The stake says
 * nothing of it: an owner may add to it in the same moment.
 */
import { createHash } from "node:crypto";
import type { Address, Message, Transaction } from "@ton/core";
import type { TonClient } from "@ton/ton";
import type { AccountData } from "@starai/contracts/ContributorAccount";
import {
  ContributorAccountOp as Op,
  ContributorAccountTerms as Terms,
} from "@starai/contracts/contributor-account-codes";

export type SlashOutcome = "cancelled" | "executed" | "expired";

/** On the chain, 256 bits. */
export const reasonOf = (evidence: string): bigint =>
  BigInt(`0x${createHash("sha256").update(evidence).digest("hex")}`);

type Disputes = Pick<AccountData, "reason" | "disputed" | "executeAfter" | "coolUntil">;

/** `open`; or `unknown`: the account's last slash is another one. Pure. */
export function outcomeInState(data: Disputes | null, reason: bigint): SlashOutcome | "open" | "unknown" {
  if (data === null || data.reason !== reason) return "unknown";
  if (data.disputed > 0n) return "open";
  if (data.coolUntil === 0) return "executed";
  const isFixed = data.coolUntil === data.executeAfter + Terms.DISPUTE_SECONDS + Terms.COOL_DOWN_SECONDS;
  return isFixed ? "expired" : "cancelled";
}

const PAGE = 50;
/** A thousand messages: a contributor's account gets some each week. */
const PAGES_MAX = 20;

/**
 * Of a slash whose place in the state a later one took: between its proposal and the next one stands how it ended.
 * `unknown` while the endpoint does not show both. @throws the endpoint's faults
 */
export async function outcomeInHistory(
  client: TonClient,
  account: Address,
  reason: bigint,
): Promise<SlashOutcome | "unknown"> {
  let end: SlashOutcome | null = null;
  let from = {};
  for (let page = 0; page < PAGES_MAX; page++) {
    const transactions = await client.getTransactions(account, { limit: PAGE, ...from, archival: page > 0 });
    for (const act of transactions.map(actOf)) {
      if (act === null) continue;
      if (act.kind !== "proposed") end = act.kind;
      else if (act.reason === reason) return end ?? "unknown";
      // Before a later proposal without another end this one had expired.
      else end = "expired";
    }
    const oldest = transactions.at(-1);
    if (oldest === undefined || transactions.length < PAGE) return "unknown";
    from = { lt: String(oldest.lt), hash: oldest.hash().toString("base64") };
  }
  return "unknown";
}

type Act = { readonly kind: "proposed"; readonly reason: bigint } | { readonly kind: "executed" | "cancelled" };

/** Null: it did nothing to a slash. */
function actOf({ inMessage, description }: Transaction): Act | null {
  if (description.type !== "generic" || description.aborted || !inMessage) return null;
  const op = opOf(inMessage);
  if (op === Op.ProposeSlash) return { kind: "proposed", reason: reasonIn(inMessage) };
  if (op === Op.ExecuteSlash) return { kind: "executed" };
  return op === Op.CancelSlash ? { kind: "cancelled" } : null;
}

function opOf({ body }: Message): number | null {
  const slice = body.beginParse();
  return slice.remainingBits < 32 ? null : slice.loadUint(32);
}

/** The account took it, so it has the form of contracts/src/contributor-account/messages.tolk. */
function reasonIn({ body }: Message): bigint {
  const slice = body.beginParse().skip(32 + 64);
  slice.loadAddressAny();
  slice.loadCoins();
  return slice.loadUintBig(256);
}
