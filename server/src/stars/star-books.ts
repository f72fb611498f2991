/** The ledger's side of Stars: the accounts of a payment, locked and moved between inside its transaction. */
import type { PoolClient } from "pg";
import { personOwner } from "../billing/bill.ts";
import { ledgerKey } from "../billing/ledger-key.ts";
import { applyAll } from "../ledger/apply-operations.ts";
import { openAccount } from "../ledger/open-account.ts";
import type { AccountId, Move } from "../ledger/rules/operation.ts";
import { NOTHING } from "./plan-moves.ts";
import type { Party, PlannedMove, Standing } from "./plan-moves.ts";

export type StarAccounts = Readonly<Record<Party, AccountId>>;

/** Whose books: a person, or for a payment of somebody who is gone nobody. */
export async function openStarAccounts(client: PoolClient, person: string | null): Promise<StarAccounts> {
  const open = (kind: "telegram_stars" | "gifts" | "person" | "debt", owner: string) =>
    openAccount(client, { asset: "stars", kind, owner });
  const telegram = await open("telegram_stars", "house");
  const gifts = await open("gifts", "house");
  if (person === null) return { telegram, gifts, person: gifts, debt: gifts };
  const owner = personOwner(person);
  return { telegram, gifts, person: await open("person", owner), debt: await open("debt", owner) };
}

interface AccountRow {
  readonly id: string;
  readonly balance: string;
  readonly held: string;
}

/** Locks all four accounts, in the ledger's order, so that what is decided from the standing is still true when written. */
export async function lockStanding(client: PoolClient, accounts: StarAccounts): Promise<Standing> {
  const { rows } = await client.query<AccountRow>(
    "select id, balance, held from ledger_accounts where id = any($1) order by id for no key update",
    [Object.values(accounts)],
  );
  if (accounts.person === accounts.gifts) return NOTHING;
  return standingOf(
    rows.find(({ id }) => Number(id) === accounts.person),
    rows.find(({ id }) => Number(id) === accounts.debt),
  );
}

/** As it is now, without a lock: for what people are told. */
export async function readStanding(client: Pick<PoolClient, "query">, person: string | null): Promise<Standing> {
  if (person === null) return NOTHING;
  const { rows } = await client.query<AccountRow & { kind: string }>(
    `select id, kind, balance, held from ledger_accounts
      where asset = 'stars' and kind in ('person', 'debt') and owner = $1`,
    [personOwner(person)],
  );
  const of = (kind: string) => rows.find((row) => row.kind === kind);
  return standingOf(of("person"), of("debt"));
}

function standingOf(person: AccountRow | undefined, debt: AccountRow | undefined): Standing {
  return {
    balance: BigInt(person?.balance ?? 0),
    held: BigInt(person?.held ?? 0),
    owed: -BigInt(debt?.balance ?? 0),
  };
}

export interface Effect {
  /** Makes the keys: the same effect asked again happens once. */
  readonly name: readonly string[];
  /** Of its postings; what goes into a debt is always `debt_paid`. */
  readonly kind: "topup" | "refund" | "debt_paid";
  readonly accounts: StarAccounts;
  readonly moves: readonly PlannedMove[];
}

/** Posts the moves in the caller's transaction; the accounts are locked already. */
export async function postMoves(client: PoolClient, { name, kind, accounts, moves }: Effect): Promise<void> {
  const posted = moves.map(({ from, to, amount }): Move => ({
    verb: "move",
    key: ledgerKey("stars", ...name, from, to),
    from: accounts[from],
    to: accounts[to],
    amount,
    kind: to === "debt" ? "debt_paid" : kind,
  }));
  await applyAll(client, posted, name.join(" "));
}
