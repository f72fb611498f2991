/** Describes transactions for the explorer: parties, message, value and outcome. Amounts are decimal nano units. */
import { Address } from "@ton/core";
import type { Cell, Message, Slice, Transaction } from "@ton/core";
import type { Chain } from "../chain.ts";
import type { StoredTransaction } from "../history.ts";
import { commentOf, feesOf } from "../toncenter/views.ts";
import type { Names, Party } from "./names.ts";
import type { Field, TolkMessages } from "@starai/contracts/offchain/tolk-messages";

export interface ExplorerContext {
  readonly chain: Chain;
  readonly names: Names;
  readonly messages: TolkMessages;
}

/** `party` is set for an address. */
export type NamedField = Field & { readonly party?: Party };

export type Body =
  | { readonly kind: "empty" }
  | { readonly kind: "signed" }
  | { readonly kind: "comment"; readonly text: string }
  | { readonly kind: "call"; readonly contract: string; readonly name: string; readonly fields: readonly NamedField[] }
  | { readonly kind: "excess" }
  | { readonly kind: "unknown"; readonly op: string };

export interface DescribedMessage {
  readonly kind: "external" | "internal" | "event";
  readonly from: Party | null;
  readonly to: Party | null;
  readonly value: string;
  readonly bounced: boolean;
  readonly deploys: boolean;
  readonly body: Body;
}

export interface DescribedTransaction {
  readonly lt: string;
  readonly hash: string;
  readonly seqno: number;
  readonly utime: number;
  readonly account: Party;
  readonly contract: string | null;
  readonly message: DescribedMessage | null;
  readonly events: readonly DescribedMessage[];
  /** `phase` that failed, with the contract's `exitCode` and its name in `error` when it refused. */
  readonly outcome: {
    readonly ok: boolean;
    readonly phase: string | null;
    readonly exitCode: number | null;
    readonly error: string | null;
  };
  readonly fee: string;
}

/** TEP-74's `excesses`, which returns the value a call did not need. */
const EXCESS_OP = 0xd53276db;
/** Prefixes of a bounced body: followed by the sent body in a cell (TVM 12), or by its first 256 bits. */
const BOUNCED_RICH = 0xfffffffe;
const BOUNCED = 0xffffffff;
const COMMENT_LENGTH_MAX = 500;
/** Source folders are kebab-case, contracts PascalCase. */
const folderOf = (contract: string) => contract.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();

export function describeTransaction(
  context: ExplorerContext,
  { seqno, account, transaction }: StoredTransaction,
): DescribedTransaction {
  const contract = context.names.contractOf(context.chain.account(Address.parseRaw(account)));
  return {
    lt: transaction.lt.toString(),
    hash: transaction.hash().toString("hex"),
    seqno,
    utime: transaction.now,
    account: context.names.party(account),
    contract,
    message: transaction.inMessage ? describeMessage(context, transaction.inMessage) : null,
    events: transaction.outMessages
      .values()
      .filter(({ info }) => info.type === "external-out")
      .map((event) => describeMessage(context, event)),
    outcome: outcomeOf(context, transaction, contract),
    fee: feesOf(transaction).total.toString(),
  };
}

export function describeMessage({ names, messages }: ExplorerContext, message: Message): DescribedMessage {
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
    body: kind === "external" ? { kind: "signed" } : bodyOf({ names, messages }, message, bounced),
  };
}

function bodyOf({ names, messages }: Omit<ExplorerContext, "chain">, message: Message, bounced: boolean): Body {
  const text = commentOf(message);
  if (text !== null) return { kind: "comment", text: text.slice(0, COMMENT_LENGTH_MAX) };
  const slice = bounced ? whatBounced(message.body) : message.body.beginParse();
  if (slice.remainingBits < 32) return { kind: "empty" };
  const op = slice.preloadUint(32);
  if (op === EXCESS_OP) return { kind: "excess" };
  const decoded = messages.decode(slice, { cut: bounced });
  if (decoded) return { kind: "call", ...decoded, fields: decoded.fields.map((field) => named(names, field)) };
  return { kind: "unknown", op: `0x${op.toString(16).padStart(8, "0")}` };
}

function named(names: Names, field: Field): NamedField {
  return field.kind === "address" ? { ...field, party: names.party(field.value) } : field;
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
  { messages }: ExplorerContext,
  { description }: Transaction,
  contract: string | null,
): DescribedTransaction["outcome"] {
  const failure = (phase: string, exitCode: number | null) => ({
    ok: false,
    phase,
    exitCode,
    error: exitCode !== null && contract ? messages.error(folderOf(contract), exitCode) : null,
  });
  const fine = { ok: true, phase: null, exitCode: null, error: null };
  if (description.type !== "generic") return fine;
  const { computePhase, actionPhase, aborted } = description;
  if (computePhase.type === "vm" && !computePhase.success) return failure("compute", computePhase.exitCode);
  if (actionPhase && !actionPhase.success) return failure("action", actionPhase.resultCode);
  // A wallet that sends more than it has succeeds but sends nothing: its action is skipped.
  if (actionPhase && actionPhase.skippedActions > 0) return failure("skipped", null);
  // An account without code keeps the money, unless the message had the bounce flag.
  return aborted && description.bouncePhase ? failure("no-code", null) : fine;
}
