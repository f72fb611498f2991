/** The sheets about money that several features open. The app shows them, because they belong to features of their own. */
import { createContext, use } from "react";

export type MoneySheet =
  | { kind: "top_up" }
  | { kind: "caps" }
  /** `id`: of the answer's run, or of the request. */
  | { kind: "receipt"; id: string };

export const MoneySheetsContext = createContext<(sheet: MoneySheet) => void>(() => undefined);

/** Opens a sheet over whatever screen is shown. */
export function useMoneySheets(): (sheet: MoneySheet) => void {
  return use(MoneySheetsContext);
}
