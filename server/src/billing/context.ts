/** The money's rung of the contexts: books, settings, rates, and the key that receipts are signed with. */
import type { Base } from "../base.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { RateBook } from "../rates/rate-book.ts";
import type { ReceiptSigner } from "../receipts/receipt-signer.ts";
import type { CreditSignal } from "./credit-signal.ts";
import type { SettingsStore } from "./money-settings.ts";

export interface MoneyContext extends Base {
  readonly ledger: Ledger;
  readonly settings: SettingsStore;
  readonly rates: RateBook;
  readonly signer: ReceiptSigner;
  /** Happens for a worker when credit notes of it were stored. */
  readonly credited: CreditSignal;
}
