/** Refusals about money, and what the person can do about each. Pure. */
const WAYS = {
  /** Nothing left that pays for it. */
  payment_required: "top_up",
  /** A limit that the person set, or the house's default. */
  cap_reached: "caps",
  /** No new paid answer for now: only time helps. */
  payments_paused: null,
} as const;

export type MoneyCode = keyof typeof WAYS;

export function isMoneyCode(code: string): code is MoneyCode {
  return Object.hasOwn(WAYS, code);
}

/** The sheet that helps; null where none does. */
export function wayOut(code: MoneyCode): "top_up" | "caps" | null {
  return WAYS[code];
}
