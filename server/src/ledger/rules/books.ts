/** The rows that decide about a batch, as they were locked, and what the batch changes in them. */
import type { Asset } from "./account-kinds.ts";
import type { AccountId } from "./operation.ts";

export interface Account {
  readonly id: AccountId;
  readonly asset: Asset;
  readonly signed: boolean;
  readonly balance: bigint;
  readonly held: bigint;
}

export interface HoldState {
  readonly id: string;
  readonly account: AccountId;
  readonly asset: Asset;
  readonly amount: bigint;
  readonly used: bigint;
  readonly open: boolean;
  readonly params: string;
  readonly day: string;
  readonly capOwners: readonly string[];
}

export interface SpendDay {
  readonly owner: string;
  readonly asset: Asset;
  readonly day: string;
  readonly cap: bigint;
  readonly spent: bigint;
  readonly held: bigint;
}

export interface Posting {
  readonly key: string;
  readonly leg: number;
  readonly params: string;
  readonly asset: Asset;
  readonly debit: AccountId;
  readonly credit: AccountId;
  readonly amount: bigint;
  readonly kind: string;
  readonly hold: string | null;
  readonly reverses: string | null;
}

export interface Books {
  readonly accounts: ReadonlyMap<AccountId, Account>;
  readonly holds: ReadonlyMap<string, HoldState>;
  /** By dayKey. A day that has no row yet is one on which nothing was spent or held. */
  readonly days: ReadonlyMap<string, SpendDay>;
  /** Hash of what was done under a key of the batch. */
  readonly done: ReadonlyMap<string, string>;
  /** The effects that the batch wants to undo, by their keys. */
  readonly originals: ReadonlyMap<string, readonly Posting[]>;
  /** Keys of effects that were reversed. */
  readonly reversed: ReadonlySet<string>;
  /** No new holds. */
  readonly halted: boolean;
}

export function dayKey(day: Pick<SpendDay, "owner" | "asset" | "day">): string {
  return `${day.day} ${day.asset} ${day.owner}`;
}

export interface OpenedHold extends HoldState {
  readonly expiresAt: Date;
}

/** What a batch writes. Amounts are differences, except for the opened holds and the caps. */
export interface Changes {
  readonly postings: readonly Posting[];
  readonly opened: readonly OpenedHold[];
  readonly accounts: readonly { readonly id: AccountId; readonly balance: bigint; readonly held: bigint }[];
  readonly holds: readonly { readonly id: string; readonly used: bigint; readonly closes: boolean }[];
  readonly days: readonly SpendDay[];
}
