/** Divides two numbers that are not below zero and rounds up; `/` on a bigint rounds down. */
export function divideUp(amount: bigint, by: bigint): bigint {
  return (amount + by - 1n) / by;
}
