import type { GasRow } from "./gas-row.ts";
import { measureFunds } from "./measure-funds.ts";
import { measureRewards } from "./measure-rewards.ts";

/** Every message of every contract. */
export async function measureAll(): Promise<GasRow[]> {
  return [...(await measureFunds()), ...(await measureRewards())];
}
