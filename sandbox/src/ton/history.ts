/**
 * The chain's transactions and every account's present state, stored in the log and found by a small index in memory.
 * The index is rebuilt from the log's headers at opening; transactions and states are read from disk on request.
 */
import { Cell, loadTransaction } from "@ton/core";
import type { Address, Message, Transaction } from "@ton/core";
import { BlockLog } from "./block-log.ts";
import type { LogRecord, Place } from "./block-log.ts";
import { placeOfLt } from "./logical-time.ts";

/** Each takes some 35 bytes of index: 70 MB when full. A sandbox that needs more must start in a new folder. */
const TRANSACTIONS_MAX = 2_000_000;
const STATES_CACHED_MAX = 500;
const TRANSACTIONS_CACHED_MAX = 1_000;

/** A transaction in a block's header: raw account, bytes of transaction and state, indices of its internal messages. */
type TransactionEntry = readonly [account: string, transactionBytes: number, stateBytes: number, internal: number[]];

export interface BlockHeader {
  readonly seqno: number;
  readonly timeS: number;
  /** Queued messages this block delivered. */
  readonly taken: number;
  readonly transactions: readonly TransactionEntry[];
  /** Reasons of delivered messages the emulator could not run; their value is lost, as no account received it. */
  readonly dropped?: readonly string[];
  /** Only in block zero: the initial accounts. */
  readonly genesis?: { readonly networkId: number; readonly accounts: readonly (readonly [string, number])[] };
}

export interface NewTransaction {
  readonly account: string;
  readonly boc: Buffer;
  readonly shardAccount: Buffer;
  readonly internal: number[];
}

export interface Block {
  readonly seqno: number;
  readonly timeS: number;
  readonly hash: Buffer;
  /** Index of its first transaction among all, and its number of transactions. */
  readonly first: number;
  readonly count: number;
}

export interface StoredTransaction {
  readonly seqno: number;
  /** Raw form. */
  readonly account: string;
  readonly boc: Buffer;
  readonly transaction: Transaction;
}

/** A message that waits for delivery: its transaction's index and its own index there. */
interface Queued {
  readonly transaction: number;
  readonly message: number;
}

interface AccountEntry {
  readonly address: string;
  readonly number: number;
  state: Place;
  last: number;
  transactions: number;
}

export class History {
  #log!: BlockLog<BlockHeader>;
  readonly #blocks: { timeS: number; hash: Buffer; first: number }[] = [];
  readonly #accounts = new Map<string, AccountEntry>();
  readonly #lines: AccountEntry[] = [];
  /** Per transaction: offset, length, account, the account's previous transaction (−1: none). Arrays save memory. */
  readonly #at: number[] = [];
  readonly #length: number[] = [];
  readonly #account: number[] = [];
  readonly #before: number[] = [];
  readonly #queue: Queued[] = [];
  #networkId: number | null = null;
  readonly #states = new Bounded<string, string>(STATES_CACHED_MAX);
  readonly #transactions = new Bounded<number, StoredTransaction>(TRANSACTIONS_CACHED_MAX);

  private constructor() {}

  static async open(file: string): Promise<History> {
    const history = new History();
    history.#log = await BlockLog.open<BlockHeader>(file, (record) => history.#index(record));
    return history;
  }

  /** Null before the genesis. */
  get networkId(): number | null {
    return this.#networkId;
  }
  get lastBlock(): Block {
    return this.block(this.#blocks.length - 1)!;
  }
  get transactionCount(): number {
    return this.#at.length;
  }
  get accountCount(): number {
    return this.#lines.length;
  }
  get queueLength(): number {
    return this.#queue.length;
  }
  get bytes(): number {
    return this.#log.bytes;
  }

  block(seqno: number): Block | null {
    const entry = this.#blocks[seqno];
    if (!entry) return null;
    const next = this.#blocks[seqno + 1]?.first ?? this.#at.length;
    return { seqno, ...entry, count: next - entry.first };
  }

  /** The account's ShardAccount as base64, or null when it has never existed. */
  shardAccount(address: string): string | null {
    const line = this.#accounts.get(address);
    return line ? this.#states.getOr(address, () => this.#log.read(line.state).toString("base64")) : null;
  }

  /** Accounts by the time of their last transaction, newest first. */
  *accountsByActivity(): Generator<{ address: string; transactions: number }> {
    yield* this.#lines.toSorted((a, b) => b.last - a.last);
  }

  /** The transaction at this index among all. */
  transaction(index: number): StoredTransaction {
    return this.#transactions.getOr(index, () => {
      const boc = this.#log.read({ offset: this.#at[index]!, length: this.#length[index]! });
      const transaction = loadTransaction(Cell.fromBoc(boc)[0]!.beginParse());
      return {
        seqno: placeOfLt(transaction.lt)!.seqno,
        account: this.#lines[this.#account[index]!]!.address,
        boc,
        transaction,
      };
    });
  }

  /** The transaction with this lt, or with a message of this lt. */
  transactionAt(lt: bigint): { index: number; found: StoredTransaction } | null {
    const place = placeOfLt(lt);
    const block = place && this.block(place.seqno);
    if (!place || !block || place.position >= block.count) return null;
    const index = block.first + place.position;
    return { index, found: this.transaction(index) };
  }

  /** An account's transactions, newest first, from the one at `fromLt` (or the last) on. Empty when there is none at that lt. */
  *transactionsOf(address: string, fromLt: bigint | null): Generator<StoredTransaction> {
    let index = this.#accounts.get(address)?.last ?? -1;
    if (fromLt !== null) {
      const start = this.transactionAt(fromLt);
      index = start && start.found.account === address && start.found.transaction.lt === fromLt ? start.index : -1;
    }
    for (; index !== -1; index = this.#before[index]!) yield this.transaction(index);
  }

  /** The next messages of the queue, oldest first. */
  waiting(countMax: number): Message[] {
    return this.#queue
      .slice(0, countMax)
      .map(({ transaction, message }) => this.transaction(transaction).transaction.outMessages.get(message)!);
  }

  /** Writes block zero. */
  async begin(genesis: {
    networkId: number;
    timeS: number;
    accounts: { address: Address; shardAccount: Buffer }[];
  }): Promise<void> {
    const accounts = genesis.accounts.map(
      ({ address, shardAccount }) => [address.toRawString(), shardAccount.length] as const,
    );
    const header = { seqno: 0, timeS: genesis.timeS, taken: 0, transactions: [] };
    this.#index(
      await this.#log.append(
        { ...header, genesis: { networkId: genesis.networkId, accounts } },
        genesis.accounts.map(({ shardAccount }) => shardAccount),
      ),
    );
  }

  /** Resolves when the block is on the disk and in the index; a failure changes nothing. */
  async append(block: {
    timeS: number;
    taken: number;
    transactions: readonly NewTransaction[];
    dropped: readonly string[];
  }): Promise<void> {
    if (this.#at.length + block.transactions.length > TRANSACTIONS_MAX)
      throw new Error(
        `This chain is full at ${TRANSACTIONS_MAX} transactions: move its folder away to begin a new one.`,
      );
    const header: BlockHeader = {
      seqno: this.#blocks.length,
      timeS: block.timeS,
      taken: block.taken,
      transactions: block.transactions.map(({ account, boc, shardAccount, internal }) => [
        account,
        boc.length,
        shardAccount.length,
        internal,
      ]),
      ...(block.dropped.length > 0 ? { dropped: block.dropped } : {}),
    };
    const blobs = block.transactions.flatMap(({ boc, shardAccount }) => [boc, shardAccount]);
    this.#index(await this.#log.append(header, blobs));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#log[Symbol.asyncDispose]();
  }

  #index({ header, hash, blobsAt }: LogRecord<BlockHeader>): void {
    this.#blocks.push({ timeS: header.timeS, hash, first: this.#at.length });
    this.#queue.splice(0, header.taken);
    let offset = blobsAt;
    if (header.genesis) this.#networkId = header.genesis.networkId;
    for (const [address, length] of header.genesis?.accounts ?? []) {
      this.#lineOf(address).state = { offset, length };
      offset += length;
    }
    for (const [address, transactionBytes, stateBytes, internal] of header.transactions) {
      const line = this.#lineOf(address);
      const index = this.#at.push(offset) - 1;
      this.#length.push(transactionBytes);
      this.#account.push(line.number);
      this.#before.push(line.last);
      line.last = index;
      line.transactions += 1;
      line.state = { offset: offset + transactionBytes, length: stateBytes };
      this.#states.delete(address);
      for (const message of internal) this.#queue.push({ transaction: index, message });
      offset += transactionBytes + stateBytes;
    }
  }

  #lineOf(address: string): AccountEntry {
    const known = this.#accounts.get(address);
    if (known) return known;
    const line = { address, number: this.#lines.length, state: { offset: 0, length: 0 }, last: -1, transactions: 0 };
    this.#accounts.set(address, line);
    this.#lines.push(line);
    return line;
  }
}

/** A map of limited size that drops the least recently used entry. */
class Bounded<Key, Value> {
  readonly #max: number;
  readonly #entries = new Map<Key, Value>();

  constructor(max: number) {
    this.#max = max;
  }

  getOr(key: Key, read: () => Value): Value {
    const value = this.#entries.get(key) ?? read();
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#max) this.#entries.delete(this.#entries.keys().next().value!);
    return value;
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }
}
