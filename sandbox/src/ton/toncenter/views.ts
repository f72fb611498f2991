/** Blocks, accounts and transactions in toncenter's format. Amounts and lts are decimal strings, hashes base64. */
import { beginCell, storeStateInit } from "@ton/core";
import type { Address, CommonMessageInfo, Message, ShardAccount, Transaction } from "@ton/core";
import type { Block, StoredTransaction } from "../history.ts";

/** The shard that covers a whole workchain, since this network never splits. */
export const SHARD = "-9223372036854775808";

export function blockIdView({ seqno, hash }: Block, workchain: number) {
  return {
    "@type": "ton.blockIdExt",
    workchain,
    shard: SHARD,
    seqno,
    root_hash: hash.toString("base64"),
    file_hash: hash.toString("base64"),
  };
}

export function accountView(shardAccount: ShardAccount, block: Block, nowS: number) {
  const { account, lastTransactionLt, lastTransactionHash } = shardAccount;
  const state = account?.storage.state;
  const active = state?.type === "active" ? state.state : null;
  return {
    "@type": "raw.fullAccountState",
    balance: (account?.storage.balance.coins ?? 0n).toString(),
    extra_currencies: [],
    code: active?.code?.toBoc().toString("base64") ?? "",
    data: active?.data?.toBoc().toString("base64") ?? "",
    last_transaction_id: transactionId(lastTransactionLt, hashOf(lastTransactionHash)),
    block_id: blockIdView(block, -1),
    frozen_hash: state?.type === "frozen" ? hashOf(state.stateHash) : "",
    sync_utime: nowS,
    state: active ? "active" : state?.type === "frozen" ? "frozen" : "uninitialized",
  };
}

export function transactionView({ account, boc, transaction }: StoredTransaction) {
  const fees = feesOf(transaction);
  return {
    "@type": "raw.transaction",
    address: { "@type": "accountAddress", account_address: account },
    utime: transaction.now,
    data: boc.toString("base64"),
    transaction_id: transactionId(transaction.lt, transaction.hash().toString("base64")),
    fee: fees.total.toString(),
    storage_fee: fees.storage.toString(),
    other_fee: (fees.total - fees.storage).toString(),
    ...(transaction.inMessage ? { in_msg: messageView(transaction.inMessage) } : {}),
    out_msgs: transaction.outMessages.values().map(messageView),
  };
}

/** A transaction as listed by `getBlockTransactions`. */
export function shortTransactionView({ account, transaction }: StoredTransaction) {
  return {
    "@type": "blocks.shortTxId",
    mode: 135,
    account,
    lt: transaction.lt.toString(),
    hash: transaction.hash().toString("base64"),
  };
}

/** The transaction's cost beside the value it sent: its own fees and the forward fees of its messages. Nano units. */
export function feesOf(transaction: Transaction): { total: bigint; storage: bigint } {
  const { description } = transaction;
  const storage = "storagePhase" in description ? (description.storagePhase?.storageFeesCollected ?? 0n) : 0n;
  const forward = transaction.outMessages
    .values()
    .reduce((sum, { info }) => sum + (info.type === "internal" ? info.forwardFee + info.ihrFee : 0n), 0n);
  return { total: transaction.totalFees.coins + forward, storage };
}

function messageView(message: Message) {
  const { info, body, init } = message;
  const text = commentOf(message);
  return {
    "@type": "raw.message",
    source: addressOf(info.src),
    destination: addressOf(info.dest),
    ...moneyOf(info),
    body_hash: body.hash().toString("base64"),
    msg_data:
      text === null
        ? {
            "@type": "msg.dataRaw",
            body: body.toBoc().toString("base64"),
            init_state: init ? beginCell().store(storeStateInit(init)).endCell().toBoc().toString("base64") : "",
          }
        : { "@type": "msg.dataText", text: Buffer.from(text).toString("base64") },
    message: text ?? "",
  };
}

function moneyOf(info: CommonMessageInfo) {
  const internal = info.type === "internal" ? info : null;
  return {
    value: (internal?.value.coins ?? 0n).toString(),
    fwd_fee: (internal?.forwardFee ?? 0n).toString(),
    ihr_fee: (internal?.ihrFee ?? 0n).toString(),
    created_lt: (info.type === "external-in" ? 0n : info.createdLt).toString(),
  };
}

/** The text of a plain comment; null for every other body. */
export function commentOf({ body }: Pick<Message, "body">): string | null {
  try {
    const slice = body.beginParse();
    if (slice.remainingBits < 32 || slice.loadUint(32) !== 0) return null;
    return slice.loadStringTail();
  } catch {
    return null;
  }
}

function addressOf(address: unknown): string {
  return typeof address === "object" && address !== null && "toRawString" in address
    ? (address as Address).toString()
    : "";
}

function transactionId(lt: bigint, hash: string) {
  return { "@type": "internal.transactionId", lt: lt.toString(), hash };
}

function hashOf(value: bigint): string {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex").toString("base64");
}
