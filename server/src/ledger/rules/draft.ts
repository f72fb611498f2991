/** The books while a batch is decided: each operation sees what the ones before it did. */
import { dayKey } from "./books.ts";
import type { Account, Books, Changes, HoldState, OpenedHold, Posting, SpendDay } from "./books.ts";
import type { AccountId, Reason } from "./operation.ts";

type Draftable<Row> = { -readonly [Key in keyof Row]: Row[Key] };

/** As the check of ledger_accounts. */
const BALANCE_BOUND = 4n * 10n ** 18n;

export class Draft {
  readonly #books: Books;
  readonly accounts: Map<AccountId, Draftable<Account>>;
  readonly holds: Map<string, Draftable<HoldState>>;
  readonly #days: Map<string, Draftable<SpendDay>>;
  readonly done: Map<string, string>;
  readonly reversed: Set<string>;
  readonly #postings: Posting[] = [];
  readonly #expiries = new Map<string, Date>();

  constructor(books: Books) {
    this.#books = books;
    this.accounts = copyOf(books.accounts);
    this.holds = copyOf(books.holds);
    this.#days = copyOf(books.days);
    this.done = new Map(books.done);
    this.reversed = new Set(books.reversed);
  }

  get halted(): boolean {
    return this.#books.halted;
  }

  originalOf(key: string): readonly Posting[] {
    return this.#books.originals.get(key) ?? this.#postings.filter((posting) => posting.key === key);
  }

  day(of: Pick<SpendDay, "owner" | "asset" | "day">): Draftable<SpendDay> {
    const key = dayKey(of);
    const found = this.#days.get(key) ?? { ...of, cap: 0n, spent: 0n, held: 0n };
    this.#days.set(key, found);
    return found;
  }

  daysOf({ capOwners, asset, day }: HoldState): Draftable<SpendDay>[] {
    return capOwners.map((owner) => this.day({ owner, asset, day }));
  }

  open({ expiresAt, ...hold }: OpenedHold): void {
    this.holds.set(hold.id, hold);
    this.#expiries.set(hold.id, expiresAt);
  }

  /** Why these postings cannot be written, with `fromHold` of their amount taken from what the debited account holds. */
  obstacle(postings: readonly Posting[], { fromHold }: { fromHold: boolean }): Reason | null {
    const paid = new Map<AccountId, bigint>();
    const changed = new Map<AccountId, bigint>();
    for (const { asset, debit, credit, amount } of postings) {
      if (debit === credit) return { code: "same_account", account: debit };
      for (const account of [debit, credit])
        if (this.accounts.get(account)?.asset !== asset)
          return { code: this.accounts.has(account) ? "wrong_asset" : "unknown_account", account };
      add(paid, debit, amount);
      add(changed, debit, -amount);
      add(changed, credit, amount);
    }
    for (const [id, needed] of fromHold ? [] : paid) {
      const available = this.available(id);
      if (available !== null && available < needed) return { code: "short", account: id, needed, available };
    }
    for (const [id, difference] of changed) {
      const balance = this.accounts.get(id)!.balance + difference;
      if (balance <= -BALANCE_BOUND || balance >= BALANCE_BOUND) return { code: "out_of_bounds", account: id };
    }
    return null;
  }

  /** What an account may still promise or pay; null for a signed one, which has no limit of its own. */
  available(id: AccountId): bigint | null {
    const { signed, balance, held } = this.accounts.get(id)!;
    return signed ? null : balance - held;
  }

  post(postings: readonly Posting[]): void {
    for (const posting of postings) {
      this.accounts.get(posting.debit)!.balance -= posting.amount;
      this.accounts.get(posting.credit)!.balance += posting.amount;
      this.done.set(posting.key, posting.params);
      this.#postings.push(posting);
    }
  }

  /** The differences to the books this draft began with. */
  changes(): Changes {
    const { accounts, holds, days } = this.#books;
    return {
      postings: this.#postings,
      opened: [...this.#expiries].map(([id, expiresAt]) => ({ ...this.holds.get(id)!, expiresAt })),
      accounts: [...this.accounts.values()]
        .map(({ id, balance, held }) => ({
          id,
          balance: balance - accounts.get(id)!.balance,
          held: held - accounts.get(id)!.held,
        }))
        .filter(({ balance, held }) => balance !== 0n || held !== 0n),
      holds: [...holds.values()]
        .map(({ id, used, open }) => {
          const now = this.holds.get(id)!;
          return { id, used: now.used - used, closes: open && !now.open };
        })
        .filter(({ used, closes }) => used !== 0n || closes),
      days: [...this.#days].map(([key, now]) => differenceOf(now, days.get(key))).filter((day) => day !== null),
    };
  }
}

function differenceOf(now: SpendDay, before: SpendDay | undefined): SpendDay | null {
  const spent = now.spent - (before?.spent ?? 0n);
  const held = now.held - (before?.held ?? 0n);
  return spent === 0n && held === 0n && now.cap === (before?.cap ?? 0n) ? null : { ...now, spent, held };
}

function copyOf<Key, Row extends object>(rows: ReadonlyMap<Key, Row>): Map<Key, Draftable<Row>> {
  return new Map([...rows].map(([key, row]) => [key, { ...row }]));
}

function add(sums: Map<AccountId, bigint>, id: AccountId, amount: bigint): void {
  sums.set(id, (sums.get(id) ?? 0n) + amount);
}
