/** Opens an account, or finds it: there is one for each asset, kind and owner. */
import type { Pool } from "pg";
import { storable } from "../db/storable.ts";
import { isSigned } from "./rules/account-kinds.ts";
import type { AccountKind, Asset } from "./rules/account-kinds.ts";
import type { AccountId } from "./rules/operation.ts";

export interface AccountName {
  readonly asset: Asset;
  readonly kind: AccountKind;
  /** `person:<uuid>`, `wallet:<hash>`, `escrow:<hash>`, `house`. */
  readonly owner: string;
}

export async function openAccount(
  database: Pick<Pool, "query">,
  { asset, kind, owner }: AccountName,
): Promise<AccountId> {
  const values = [asset, kind, storable(owner)];
  const find = () =>
    database.query<{ id: string }>(
      "select id from ledger_accounts where asset = $1 and kind = $2 and owner = $3",
      values,
    );
  const found = (await find()).rows[0];
  if (found !== undefined) return Number(found.id);
  await database.query(
    "insert into ledger_accounts (asset, kind, owner, signed) values ($1, $2, $3, $4) on conflict do nothing",
    [...values, isSigned(kind)],
  );
  return Number((await find()).rows[0]!.id);
}

/** Opens many of one asset and kind at once, in two statements. @returns  their ids by owner */
export async function openAccounts(
  database: Pick<Pool, "query">,
  { asset, kind, owners }: Omit<AccountName, "owner"> & { readonly owners: readonly string[] },
): Promise<Map<string, AccountId>> {
  const values = [asset, kind, owners.map(storable)];
  await database.query(
    `insert into ledger_accounts (asset, kind, owner, signed)
     select $1, $2, owner, $4 from unnest($3::text[]) as owner order by owner on conflict do nothing`,
    [...values, isSigned(kind)],
  );
  const { rows } = await database.query<{ id: string; owner: string }>(
    "select id, owner from ledger_accounts where asset = $1 and kind = $2 and owner = any($3::text[])",
    values,
  );
  return new Map(rows.map(({ id, owner }) => [owner, Number(id)]));
}
