/** A transaction as the explorer tells it: who asked whom for what, with how much, and how it ended. Amounts are decimal nano units. */
import { Address } from "@ton/core";
import type { Cell, Message, Slice, Transaction } from "@ton/core";
import type { Chain } from "../chain.ts";
import type { StoredTransaction } from "../history.ts";
import { commentOf, feesOf } from "../toncenter/views.ts";
import type { Names, Party } from "./names.ts";
import type { Field, TolkMessages } from "./tolk-messages.ts";

export interface Teller {
  readonly chain: Chain;
  readonly names: Names;
  readonly messages: TolkMessages;
}

export type Body =
  | { readonly kind: "empty" }
  | { readonly kind: "signed" }
  | { readonly kind: "comment"; readonly text: string }
  | { readonly kind: "call"; readonly contract: string; readonly name: string; readonly fields: readonly Field[] }
  | { readonly kind: "excess" }
  | { readonly kind: "unknown"; readonly op: string };

export interface ToldMessage {
  readonly kind: "external" | "internal" | "event";
  readonly from: Party | null;
  readonly to: Party | null;
  readonly value: string;
  readonly bounced: boolean;
  readonly deploys: boolean;
  readonly body: Body;
}

export interface ToldTransaction {
  readonly lt: string;
  readonly hash: string;
  readonly seqno: number;
  readonly utime: number;
  readonly account: Party;
  readonly contract: string | null;
  readonly message: ToldMessage | null;
  readonly events: readonly ToldMessage[];
  /** `exitCode` and its name when the contract refused; `phase` says what failed. */
  readonly outcome: {
    readonly ok: boolean;
    readonly phase: string | null;
    readonly exitCode: number | null;
    readonly error: string | null;
  };
  readonly fee: string;
}

/** TEP-74's `excesses`: what a call did not need comes back. */
const EXCESS_OP = 0xd53276db;
/** How a bounced body begins: with 256 bits of what was sent behind it, or (TVM 12) with the whole of it in a cell. */
const BOUNCED_RICH = 0xfffffffe;
const BOUNCED = 0xffffffff;
const COMMENT_LENGTH_MAX = 500;
/** Source folders are kebab-case, contracts PascalCase. */
const folderOf = (contract: string) => contract.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();

export function tellTransaction(teller: Teller, { seqno, account, transaction }: StoredTransaction): ToldTransaction {
  const contract = teller.names.contractOf(teller.chain.account(Address.parseRaw(account)));
  return {
    lt: transaction.lt.toString(),
    hash: transaction.hash().toString("hex"),
    seqno,
    utime: transaction.now,
    account: teller.names.party(account),
    contract,
    message: transaction.inMessage ? tellMessage(teller, transaction.inMessage) : null,
    events: transaction.outMessages
      .values()
      .filter(({ info }) => info.type === "external-out")
      .map((event) => tellMessage(teller, event)),
    outcome: outcomeOf(teller, transaction, contract),
    fee: feesOf(transaction).total.toString(),
  };
}

export function tellMessage({ names, messages }: Teller, message: Message): ToldMessage {
  const { info } = message;
  const kind = info.type === "internal" ? "internal" : info.type === "external-in" ? "external" : "event";
  const bounced = info.type === "internal" && info.bounced;
  return {
    kind,
    from: partyOf(names, info.src),
    to: partyOf(names, info.dest),
    value: (info.type === "internal" ? info.value.coins : 0n).toString(),
    bounced,
    deploys: Boolean(message.init),
    body: kind === "external" ? { kind: "signed" } : bodyOf(messages, message, bounced),
  };
}

function bodyOf(messages: TolkMessages, message: Message, bounced: boolean): Body {
  const text = commentOf(message);
  if (text !== null) return { kind: "comment", text: text.slice(0, COMMENT_LENGTH_MAX) };
  const slice = bounced ? whatBounced(message.body) : message.body.beginParse();
  if (slice.remainingBits < 32) return { kind: "empty" };
  const op = slice.preloadUint(32);
  if (op === EXCESS_OP) return { kind: "excess" };
  const decoded = messages.decode(slice, { cut: bounced });
  return decoded ? { kind: "call", ...decoded } : { kind: "unknown", op: `0x${op.toString(16).padStart(8, "0")}` };
}

function whatBounced(body: Cell): Slice {
  const slice = body.beginParse();
  const tag = slice.remainingBits >= 32 ? slice.preloadUint(32) : null;
  if (tag === BOUNCED_RICH && slice.remainingRefs > 0) return slice.loadRef().beginParse();
  return tag === BOUNCED ? slice.skip(32) : slice;
}

function partyOf(names: Names, address: unknown): Party | null {
  return Address.isAddress(address) ? names.party(address) : null;
}

function outcomeOf(
  { messages }: Teller,
  { description }: Transaction,
  contract: string | null,
): ToldTransaction["outcome"] {
  const told = (phase: string, exitCode: number | null) => ({
    ok: false,
    phase,
    exitCode,
    error: exitCode !== null && contract ? messages.error(folderOf(contract), exitCode) : null,
  });
  const fine = { ok: true, phase: null, exitCode: null, error: null };
  if (description.type !== "generic") return fine;
  const { computePhase, actionPhase, aborted } = description;
  if (computePhase.type === "vm" && !computePhase.success) return told("compute", computePhase.exitCode);
  if (actionPhase && !actionPhase.success) return told("action", actionPhase.resultCode);
  // A wallet that sends more than it has ends well and sends nothing: one action is skipped.
  if (actionPhase && actionPhase.skippedActions > 0) return told("skipped", null);
  // Money for an account without code is kept, unless it was to bounce.
  return aborted && description.bouncePhase ? told("no-code", null) : fine;
}
