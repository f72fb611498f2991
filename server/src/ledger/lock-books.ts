/**
 * Locks the rows that decide about a batch, and reads them.
 *
 * The order is the same for every batch (holds, accounts, days, each by its key), so that two of them wait for each other
 * but never in a circle. NO KEY UPDATE is enough, and lets other transactions write postings with foreign keys to these
 * accounts. Whether a key was used is asked after the accounts are locked: whoever used it had them locked too.
 */
import type { ClientBase } from "pg";
import type { Asset } from "./rules/account-kinds.ts";
import { dayKey } from "./rules/books.ts";
import type { Account, Books, HoldState, Posting, SpendDay } from "./rules/books.ts";
import type { AccountId, Operation } from "./rules/operation.ts";

/** A connection inside a transaction. */
export type Executor = Pick<ClientBase, "query">;

export interface LockedBooks extends Omit<Books, "halted"> {
  /** Number of the last posting written by anybody. */
  readonly lastSeq: number;
}

export async function lockBooks(executor: Executor, operations: readonly Operation[]): Promise<LockedBooks> {
  const originals = await readOriginals(executor, operations);
  const holds = await lockHolds(executor, holdIdsOf(operations, originals));
  const accounts = await lockAccounts(executor, accountIdsOf(operations, holds, originals));
  const days = await lockDays(executor, daysOf(operations, holds, accounts));
  const used = await readUsedKeys(executor, operations);
  const late = await lockLateHolds(executor, { operations, holds, accounts });
  for (const [id, hold] of late) holds.set(id, hold);
  for (const [key, day] of await lockDays(executor, daysOf([], late, accounts))) days.set(key, day);
  return { holds, accounts, days, originals, ...used };
}

/** Legs never change, so they are read without a lock. */
async function readOriginals(
  executor: Executor,
  operations: readonly Operation[],
): Promise<ReadonlyMap<string, Posting[]>> {
  const keys = operations.flatMap((one) => (one.verb === "reverse" ? [one.of] : []));
  const originals = new Map<string, Posting[]>();
  if (keys.length === 0) return originals;
  const { rows } = await executor.query<PostingRow>({
    name: "ledger-originals",
    text: `select key, leg, encode(params, 'hex') as params, asset, debit, credit, amount, kind, hold, reverses
           from ledger_postings where key = any($1::uuid[]) order by key, leg`,
    values: [keys],
  });
  for (const row of rows) {
    const posting = {
      ...row,
      debit: Number(row.debit),
      credit: Number(row.credit),
      amount: BigInt(row.amount),
    };
    originals.set(row.key, [...(originals.get(row.key) ?? []), posting]);
  }
  return originals;
}

async function lockHolds(executor: Executor, ids: readonly string[]): Promise<Map<string, HoldState>> {
  if (ids.length === 0) return new Map();
  const { rows } = await executor.query<HoldRow>({
    name: "ledger-lock-holds",
    text: `select ${HOLD_COLUMNS} from ledger_holds where id = any($1::uuid[]) order by id for no key update`,
    values: [ids],
  });
  return new Map(rows.map((row) => [row.id, holdOf(row)]));
}

async function lockAccounts(executor: Executor, ids: readonly AccountId[]): Promise<ReadonlyMap<AccountId, Account>> {
  if (ids.length === 0) return new Map();
  const { rows } = await executor.query<AccountRow>({
    name: "ledger-lock-accounts",
    text: `select id, asset, signed, balance, held from ledger_accounts
           where id = any($1::bigint[]) order by id for no key update`,
    values: [ids],
  });
  return new Map(
    rows.map(({ id, asset, signed, balance, held }) => [
      Number(id),
      { id: Number(id), asset, signed, balance: BigInt(balance), held: BigInt(held) },
    ]),
  );
}

/** An update that changes nothing locks the row and returns it; a day without a row gets one of zeros. */
async function lockDays(
  executor: Executor,
  days: ReadonlyMap<string, Pick<SpendDay, "owner" | "asset" | "day">>,
): Promise<Map<string, SpendDay>> {
  if (days.size === 0) return new Map();
  const asked = [...days.values()];
  const { rows } = await executor.query<DayRow>({
    name: "ledger-lock-days",
    text: `insert into spend_days (owner, asset, day, cap)
           select owner, asset, day, 0 from unnest($1::text[], $2::ledger_asset[], $3::date[]) as d(owner, asset, day)
           order by owner, asset, day
           on conflict (owner, asset, day) do update set cap = spend_days.cap
           returning owner, asset, day::text, cap, spent, held`,
    values: [asked.map(({ owner }) => owner), asked.map(({ asset }) => asset), asked.map(({ day }) => day)],
  });
  return new Map(
    rows.map((row) => {
      const day = { ...row, cap: BigInt(row.cap), spent: BigInt(row.spent), held: BigInt(row.held) };
      return [dayKey(day), day];
    }),
  );
}

async function readUsedKeys(
  executor: Executor,
  operations: readonly Operation[],
): Promise<Pick<LockedBooks, "done" | "reversed" | "lastSeq">> {
  const keys = operations.flatMap((one) => ("key" in one ? [one.key] : []));
  const undone = operations.flatMap((one) => (one.verb === "reverse" ? [one.of] : []));
  const { rows } = await executor.query<{ what: "done" | "reversed" | "last"; id: string; params: string }>({
    name: "ledger-used-keys",
    text: `select 'done' as what, key::text as id, encode(params, 'hex') as params
             from ledger_postings where key = any($1::uuid[]) and leg = 0
           union all select 'reversed', reverses::text, null from ledger_postings
             where reverses = any($2::uuid[]) and leg = 0
           union all select 'last', (case when is_called then last_value else 0 end)::text, null
             from ledger_postings_seq`,
    values: [keys, undone],
  });
  const of = (what: string) => rows.filter((row) => row.what === what);
  return {
    done: new Map(of("done").map(({ id, params }) => [id, params])),
    reversed: new Set(of("reversed").map(({ id }) => id)),
    lastSeq: Number(of("last")[0]!.id),
  };
}

/**
 * The same holds asked for twice at once: whoever opened them first had their account locked until now. One on another
 * account is left out: opening it again violates its key, and the batch is tried anew.
 */
async function lockLateHolds(
  executor: Executor,
  books: { operations: readonly Operation[] } & Pick<Books, "holds" | "accounts">,
): Promise<ReadonlyMap<string, HoldState>> {
  const { operations, holds, accounts } = books;
  const missing = operations.flatMap((one) => (one.verb === "hold" && !holds.has(one.id) ? [one.id] : []));
  const late = await lockHolds(executor, missing);
  return new Map([...late].filter(([, { account }]) => accounts.has(account)));
}

function holdIdsOf(operations: readonly Operation[], originals: ReadonlyMap<string, readonly Posting[]>): string[] {
  const asked = operations.flatMap((one) => {
    if (one.verb === "hold") return [one.id];
    return one.verb === "capture" || one.verb === "release" ? [one.hold] : [];
  });
  const captured = [...originals.values()].flat().flatMap(({ hold }) => hold ?? []);
  return unique([...asked, ...captured]);
}

function accountIdsOf(
  operations: readonly Operation[],
  holds: ReadonlyMap<string, HoldState>,
  originals: ReadonlyMap<string, readonly Posting[]>,
): AccountId[] {
  const asked = operations.flatMap((one) => {
    if (one.verb === "move") return [one.from, one.to];
    if (one.verb === "hold") return [one.account];
    return one.verb === "capture" ? one.legs.map(({ to }) => to) : [];
  });
  const undone = [...originals.values()].flat().flatMap(({ debit, credit }) => [debit, credit]);
  return unique([...asked, ...undone, ...[...holds.values()].map(({ account }) => account)]);
}

function daysOf(
  operations: readonly Operation[],
  holds: ReadonlyMap<string, HoldState>,
  accounts: ReadonlyMap<AccountId, Account>,
): Map<string, { owner: string; asset: Asset; day: string }> {
  const asked = operations.flatMap((one) => {
    const asset = one.verb === "hold" ? accounts.get(one.account)?.asset : undefined;
    if (one.verb !== "hold" || asset === undefined) return [];
    return one.caps.map(({ owner }) => ({ owner, asset, day: one.day }));
  });
  const held = [...holds.values()].flatMap(({ capOwners, asset, day }) =>
    capOwners.map((owner) => ({ owner, asset, day })),
  );
  return new Map([...asked, ...held].map((day) => [dayKey(day), day]));
}

const unique = <Value>(values: readonly Value[]): Value[] => [...new Set(values)];

const HOLD_COLUMNS = `id, account, asset, amount, used, closed_at is null as open, encode(params, 'hex') as params,
  day::text, cap_owners as "capOwners"`;

function holdOf(row: HoldRow): HoldState {
  return { ...row, account: Number(row.account), amount: BigInt(row.amount), used: BigInt(row.used) };
}

/** 64-bit numbers come from `pg` as text. */
type AsText<Row> = { readonly [Key in keyof Row]: Row[Key] extends bigint | number ? string : Row[Key] };
type AccountRow = AsText<Account>;
type HoldRow = AsText<HoldState>;
type DayRow = AsText<SpendDay>;
type PostingRow = Omit<Posting, "debit" | "credit" | "amount"> & Pick<AsText<Posting>, "debit" | "credit" | "amount">;
