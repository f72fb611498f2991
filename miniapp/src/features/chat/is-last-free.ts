import type { RunBill } from "@starai/protocol/receipts";

/** Whether this was the last free answer of the day that `now` is in; days begin at 00:00 UTC. Pure. */
export function isLastFree(bill: RunBill | null, answeredAt: string, now: Date): boolean {
  return bill?.freeLeft === 0 && answeredAt.slice(0, 10) === now.toISOString().slice(0, 10);
}
