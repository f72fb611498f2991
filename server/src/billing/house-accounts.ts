/** The house's accounts that bills are paid into, in one asset. */
import type { Ledger } from "../ledger/ledger.ts";
import type { Asset } from "../ledger/rules/account-kinds.ts";
import type { AccountId } from "../ledger/rules/operation.ts";
import { HOUSE } from "./bill.ts";

const PENDING = "house:pending";

export interface HouseAccounts {
  readonly fees: AccountId;
  /** Set aside for the workers of failed answers: it never pays more than came in. */
  readonly loss: AccountId;
  /** The same of answers under way: it comes back whole where they fail, so it pays nobody before they have ended. */
  readonly pending: AccountId;
  readonly refunds: AccountId;
  /** For machines that are there: what slow ones did not earn. The house never has it. */
  readonly availability: AccountId;
}

export async function houseAccounts(ledger: Ledger, asset: Asset): Promise<HouseAccounts> {
  const of = (kind: "fees" | "loss" | "refunds" | "availability", owner = HOUSE) =>
    ledger.openAccount({ asset, kind, owner });
  const [fees, loss, pending, refunds, availability] = await Promise.all([
    of("fees"),
    of("loss"),
    of("loss", PENDING),
    of("refunds"),
    of("availability"),
  ]);
  return { fees, loss, pending, refunds, availability };
}
