/** Pays debts from what has become free since, such as the rest of an answer that was under way when a payment was returned. */
import { randomUUID } from "node:crypto";
import type { Base } from "../base.ts";
import { lockStanding, openStarAccounts, postMoves } from "./star-books.ts";
import { starTransaction } from "./star-transaction.ts";

/** People at one look; further ones wait for the next. */
const PEOPLE_MAX = 200;

/** Returns how many people's debts were paid, wholly or in part. */
export async function settleDebts({ pg }: Pick<Base, "pg">): Promise<number> {
  const { rows } = await pg.query<{ person: string }>(
    `select substr(debt.owner, 8) as person
      from ledger_accounts debt join ledger_accounts own using (asset, owner)
      where asset = 'stars' and debt.kind = 'debt' and own.kind = 'person'
        and owner like 'person:%' and debt.balance < 0 and own.balance > own.held
      order by debt.id limit $1`,
    [PEOPLE_MAX],
  );
  let settled = 0;
  for (const { person } of rows) if (await settle(pg, person)) settled++;
  return settled;
}

/** What is decided from the locked accounts is written with them, so that a repetition finds nothing left to pay. */
function settle(pg: Base["pg"], person: string): Promise<boolean> {
  return starTransaction(pg, `debt of ${person}`, async (client) => {
    const accounts = await openStarAccounts(client, person);
    const { balance, held, owed } = await lockStanding(client, accounts);
    const free = balance - held;
    const amount = free < owed ? free : owed;
    if (amount <= 0n) return false;
    const moves = [{ from: "person", to: "debt", amount }] as const;
    await postMoves(client, { name: ["settled", randomUUID()], kind: "debt_paid", accounts, moves });
    return true;
  });
}
