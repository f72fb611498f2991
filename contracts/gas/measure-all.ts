import type { GasRow } from "./gas-row.ts";
import { measureFunds } from "./measure-funds.ts";

/** Every message of every contract. */
export async function measureAll(): Promise<GasRow[]> {
  return measureFunds();
}
