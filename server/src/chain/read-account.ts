/**
 * Reads an account's transactions that are not booked yet, from its last one back to the cursor. Every transaction names
 * the one before it by hash, so an endpoint can be late or silent, but cannot leave one out. It can append
 * a made-up end: only somebody else's endpoint tells (ask-second.ts).
 */
import type { Transaction } from "@ton/core";
import type { TonClient } from "@ton/ton";
import type { Place } from "./account-transaction.ts";
import { hashOf } from "./account-transaction.ts";
import type { WatchedAccount } from "./watched-accounts.ts";

/** What an endpoint serves at once. */
const PAGE = 100;
/** A look reads 5,000 transactions: some tens of megabytes. */
const PAGES_MAX = 50;
/** What is longer is marked here, so that as much again may come while the rest is read. */
const MARK_AFTER = 25;
/** 25 million transactions. */
const MARKS_MAX = 10_000;

/** What an endpoint said cannot be booked; the next look may go better. */
export class ChainUnread extends Error {
  /** `late`: it is behind our books; `fork`: it has another history; `gap`: it left something out. */
  readonly why: "late" | "fork" | "gap";

  constructor(why: ChainUnread["why"], message: string) {
    super(message);
    this.why = why;
  }
}

export interface Unbooked {
  /** The oldest first; they follow on the cursor without a gap. */
  readonly transactions: readonly Transaction[];
  /** Whether there are more behind them, which another look reads. */
  readonly more: boolean;
  /** The account's balance after the last of them; null where there are more. */
  readonly balance: bigint | null;
  /** UNIX seconds of the chain as the endpoint knows it. */
  readonly asOfS: number;
}

interface Head {
  readonly balance: bigint;
  /** The account's last transaction; null: it had none yet. */
  readonly last: Place | null;
  readonly asOfS: number;
}

/** An account as it is now. @throws the client's faults */
async function readHead(client: TonClient, { address }: WatchedAccount): Promise<Head> {
  const { balance, lastTransaction, timestampt: asOfS } = await client.getContractState(address);
  if (lastTransaction === null) return { balance, last: null, asOfS };
  const hash = Buffer.from(lastTransaction.hash, "base64");
  return { balance, last: { lt: BigInt(lastTransaction.lt), hash }, asOfS };
}

/**
 * One account's reader. What is longer than a look is read in parts, the oldest first: of the others only the place is
 * kept where each begins.
 */
export class AccountReader {
  readonly #client: TonClient;
  readonly #account: WatchedAccount;
  /** Places that earlier looks came to, the newest first. */
  readonly #marks: Place[] = [];

  constructor(client: TonClient, account: WatchedAccount) {
    this.#client = client;
    this.#account = account;
  }

  /** @param cursor  the last booked one; null: none @throws ChainUnread, and the client's faults */
  async unbooked(cursor: Place | null): Promise<Unbooked> {
    const { balance, last, asOfS } = await readHead(this.#client, this.#account);
    this.#checkHead(last, cursor);
    if (last === null) return { transactions: [], more: false, balance, asOfS };
    for (;;) {
      const from = this.#marks.at(-1) ?? last;
      const { transactions, next } = await this.#back(from, cursor);
      if (next === null) {
        const more = this.#marks.pop() !== undefined;
        return { transactions: transactions.toReversed(), more, balance: more ? null : balance, asOfS };
      }
      if (this.#marks.length === MARKS_MAX) throw new ChainUnread("gap", `${this.#name} has too long a history`);
      this.#marks.push(next);
    }
  }

  #checkHead(last: Place | null, cursor: Place | null): void {
    if (cursor === null) return;
    if (last === null || last.lt < cursor.lt)
      throw new ChainUnread("late", `the endpoint's history of ${this.#name} ends before what is booked`);
    if (last.lt === cursor.lt && !last.hash.equals(cursor.hash)) throw this.#fork();
  }

  /** Walks back from `from`, that one included. `next` is null at the cursor, else a place on the way to begin at. */
  async #back(from: Place, cursor: Place | null): Promise<{ transactions: Transaction[]; next: Place | null }> {
    const transactions: Transaction[] = [];
    let [next, mark] = [from, from];
    for (let pages = 0; pages < PAGES_MAX; pages++) {
      if (this.#isBooked(next, cursor)) return { transactions, next: null };
      if (pages === MARK_AFTER) mark = next;
      const page = await this.#page(next, pages > 0);
      if (page.length === 0) throw this.#gap(next);
      for (const one of page) {
        if (this.#isBooked(next, cursor)) return { transactions, next: null };
        if (one.lt !== next.lt || !one.hash().equals(next.hash)) throw this.#gap(next);
        transactions.push(one);
        next = { lt: one.prevTransactionLt, hash: hashOf(one.prevTransactionHash) };
      }
    }
    return this.#isBooked(next, cursor) ? { transactions, next: null } : { transactions: [], next: mark };
  }

  /** @throws ChainUnread where the walk passed the cursor without meeting it */
  #isBooked(place: Place, cursor: Place | null): boolean {
    if (cursor === null || place.lt > cursor.lt) return place.lt === 0n;
    if (place.lt !== cursor.lt || !place.hash.equals(cursor.hash)) throw this.#fork();
    return true;
  }

  #page({ lt, hash }: Place, archival: boolean): Promise<Transaction[]> {
    const place = { lt: String(lt), hash: hash.toString("base64") };
    return this.#client.getTransactions(this.#account.address, { limit: PAGE, ...place, inclusive: true, archival });
  }

  get #name(): string {
    return `${this.#account.role} (${this.#account.address.toRawString()})`;
  }

  #gap({ lt }: Place): ChainUnread {
    return new ChainUnread("gap", `the endpoint left out transaction ${lt} of ${this.#name}`);
  }

  #fork(): ChainUnread {
    return new ChainUnread("fork", `the endpoint has another history of ${this.#name} than what is booked`);
  }
}
