/**
 * Locks the rows that decide about a batch, and reads them.
 *
 * No statement needs the answer of an earlier one, so that all travel together; but each sees what the ones before it
 * waited for. The order is the same for every batch (holds, accounts, days, each by its key), so that two of them wait
 * for each other but not in a circle. NO KEY UPDATE is enough, and lets other transactions write postings with foreign
 * keys to these accounts. Whether a key was used is asked after the accounts are locked: whoever used it had them too.
 */
import { dayKey } from "./rules/books.ts";
import type { Account, Books, HoldState, Posting, SpendDay } from "./rules/books.ts";
import type { AccountId, Operation } from "./rules/operation.ts";
import { runInOrder } from "./statements.ts";
import type { Executor, Statement } from "./statements.ts";

export interface LockedBooks extends Omit<Books, "halted"> {
  /** Number of the last posting written by anybody. */
  readonly lastSeq: number;
}

export async function lockBooks(executor: Executor, operations: readonly Operation[]): Promise<LockedBooks> {
  const subjects = subjectsOf(operations);
  const [originals, holds, accounts, days, used, late] = (await runInOrder(executor, [
    readOriginals(subjects),
    lockHolds(subjects),
    lockAccounts(subjects),
    lockDays(subjects),
    readUsedKeys(subjects),
    lockLateHolds(subjects),
  ])) as [PostingRow[], HoldRow[], AccountRow[], DayRow[], UsedRow[], HoldRow[]];
  const accountsById = new Map(accounts.map((row) => [Number(row.id), accountOf(row)]));
  const answers = (what: UsedRow["what"]) => used.filter((row) => row.what === what);
  return {
    accounts: accountsById,
    // A hold that another batch opened meanwhile on an account not asked for here: opening it again violates its key.
    holds: new Map(
      [...holds, ...late]
        .map((row) => [row.id, holdOf(row)] as const)
        .filter(([, { account }]) => accountsById.has(account)),
    ),
    days: new Map(days.map((row) => [dayKey(row), dayOf(row)])),
    originals: byKey(originals.map(postingOf)),
    done: new Map(answers("done").map(({ id, params }) => [id, params])),
    reversed: new Set(answers("reversed").map(({ id }) => id)),
    lastSeq: Number(answers("last")[0]!.id),
  };
}

interface Subjects {
  /** Of moves, captures and reversals. */
  readonly keys: readonly string[];
  /** Effects to undo. */
  readonly undone: readonly string[];
  readonly opened: readonly string[];
  readonly holds: readonly string[];
  readonly accounts: readonly AccountId[];
  readonly caps: readonly { readonly owner: string; readonly account: AccountId; readonly day: string }[];
}

function subjectsOf(operations: readonly Operation[]): Subjects {
  const collect = <Value>(of: (one: Operation) => readonly Value[]) => [...new Set(operations.flatMap(of))];
  const opened = collect((one) => (one.verb === "hold" ? [one.id] : []));
  return {
    keys: collect((one) => ("key" in one ? [one.key] : [])),
    undone: collect((one) => (one.verb === "reverse" ? [one.of] : [])),
    opened,
    holds: [...opened, ...collect((one) => (one.verb === "capture" || one.verb === "release" ? [one.hold] : []))],
    accounts: collect(accountsOf),
    caps: collect((one) =>
      one.verb === "hold" ? one.caps.map(({ owner }) => ({ owner, account: one.account, day: one.day })) : [],
    ),
  };
}

function accountsOf(operation: Operation): AccountId[] {
  if (operation.verb === "move") return [operation.from, operation.to];
  if (operation.verb === "hold") return [operation.account];
  return operation.verb === "capture" ? operation.legs.map(({ to }) => to) : [];
}

/** Legs never change, so they are read without a lock. */
function readOriginals({ undone }: Subjects): Statement | null {
  if (undone.length === 0) return null;
  return {
    name: "ledger-originals",
    text: `select key, leg, encode(params, 'hex') as params, asset, debit, credit, amount, kind, hold, reverses
      from ledger_postings where key = any($1::uuid[]) order by key, leg`,
    values: [undone],
  };
}

/** The holds asked for, and those that the effects to undo were captured from. */
const HOLD_IDS = `select unnest($1::uuid[]) union select hold from ledger_postings where key = any($2::uuid[]) and hold is not null`;
const HOLD_COLUMNS = `id, account, asset, amount, used, closed_at is null as open, encode(params, 'hex') as params,
  day::text, cap_owners as "capOwners"`;

function lockHolds({ holds, undone }: Pick<Subjects, "holds" | "undone">): Statement | null {
  if (holds.length + undone.length === 0) return null;
  return {
    name: "ledger-lock-holds",
    text: `select ${HOLD_COLUMNS} from ledger_holds where id in (${HOLD_IDS}) order by id for no key update`,
    values: [holds, undone],
  };
}

function lockAccounts({ holds, undone, accounts }: Subjects): Statement {
  return {
    name: "ledger-lock-accounts",
    text: `select id, asset, signed, balance, held from ledger_accounts where id in (
        select unnest($3::bigint[])
        union select account from ledger_holds where id in (${HOLD_IDS})
        union select unnest(array[debit, credit]) from ledger_postings where key = any($2::uuid[])
      ) order by id for no key update`,
    values: [holds, undone, accounts],
  };
}

/** An update that changes nothing locks the row and returns it; a day without a row gets one of zeros. */
function lockDays({ holds, undone, caps }: Subjects): Statement | null {
  if (holds.length + undone.length === 0) return null;
  return {
    name: "ledger-lock-days",
    text: `insert into spend_days (owner, asset, day, cap)
      select owner, asset, day, 0 from (
        select c.owner, a.asset, c.day
          from unnest($3::text[], $4::bigint[], $5::date[]) as c(owner, account, day) join ledger_accounts a on a.id = c.account
        union select owner, asset, day
          from ledger_holds cross join lateral jsonb_array_elements_text(cap_owners) as owner where id in (${HOLD_IDS})
      ) days order by owner, asset, day
      on conflict (owner, asset, day) do update set cap = spend_days.cap
      returning owner, asset, day::text, cap, spent, held`,
    values: [
      holds,
      undone,
      caps.map(({ owner }) => owner),
      caps.map(({ account }) => account),
      caps.map(({ day }) => day),
    ],
  };
}

function readUsedKeys({ keys, undone }: Subjects): Statement {
  return {
    name: "ledger-used-keys",
    text: `select 'done' as what, key::text as id, encode(params, 'hex') as params
        from ledger_postings where key = any($1::uuid[]) and leg = 0
      union all select 'reversed', reverses::text, null from ledger_postings where reverses = any($2::uuid[]) and leg = 0
      union all select 'last', (case when is_called then last_value else 0 end)::text, null from ledger_postings_seq`,
    values: [keys, undone],
  };
}

/** A hold asked for twice at once: whoever opened it first had its account locked until now. */
function lockLateHolds({ opened }: Subjects): Statement | null {
  return lockHolds({ holds: opened, undone: [] });
}

/** Numbers of 64 bits come from `pg` as text. */
type AsText<Row, Numbers extends keyof Row> = Omit<Row, Numbers> & { readonly [Key in Numbers]: string };
type AccountRow = AsText<Account, "id" | "balance" | "held">;
type HoldRow = AsText<HoldState, "account" | "amount" | "used">;
type DayRow = AsText<SpendDay, "cap" | "spent" | "held">;
type PostingRow = AsText<Posting, "debit" | "credit" | "amount">;
interface UsedRow {
  readonly what: "done" | "reversed" | "last";
  readonly id: string;
  readonly params: string;
}

function accountOf({ id, asset, signed, balance, held }: AccountRow): Account {
  return { id: Number(id), asset, signed, balance: BigInt(balance), held: BigInt(held) };
}

function holdOf(row: HoldRow): HoldState {
  return { ...row, account: Number(row.account), amount: BigInt(row.amount), used: BigInt(row.used) };
}

function dayOf(row: DayRow): SpendDay {
  return { ...row, cap: BigInt(row.cap), spent: BigInt(row.spent), held: BigInt(row.held) };
}

function postingOf(row: PostingRow): Posting {
  return { ...row, debit: Number(row.debit), credit: Number(row.credit), amount: BigInt(row.amount) };
}

function byKey(postings: readonly Posting[]): Map<string, Posting[]> {
  const found = new Map<string, Posting[]>();
  for (const posting of postings) found.set(posting.key, [...(found.get(posting.key) ?? []), posting]);
  return found;
}
