/** A payment that was made and is not credited yet. Kept on this device, so that it survives closing the sheet and the app. Pure. */

export interface PendingPayment {
  /** Nano Stars to come. */
  credit: string;
  /** Nano Stars that the person had before, as `worthOf` counts them. */
  before: string;
  /** When it was paid, by this device's clock; ms. */
  at: number;
  /** Paid in another window: whether it was paid at all is not known here. */
  elsewhere: boolean;
}

interface StarsOf {
  spendable: string;
  held: string;
  debt: string;
}

/** Telegram reports a payment within seconds; after this long it is for the history and for support. */
const PENDING_MS_MAX = 60 * 60_000;
/** A payment elsewhere may never happen: an order is valid for half an hour. */
const ELSEWHERE_MS_MAX = 30 * 60_000;

/** What the person has, debts taken off: a top-up raises it by the whole credit. */
export function worthOf({ spendable, held, debt }: StarsOf): bigint {
  return BigInt(spendable) + BigInt(held) - BigInt(debt);
}

/** Answers may be paid meanwhile, so half of the credit is proof of it: no answer costs the other half. */
export function isCredited(payment: PendingPayment, stars: StarsOf): boolean {
  return worthOf(stars) - BigInt(payment.before) >= BigInt(payment.credit) / 2n;
}

/** Null for anything that is no payment, and for one that is too old. */
export function parsePending(text: string | null, now: number): PendingPayment | null {
  try {
    const value = JSON.parse(text ?? "null") as Partial<PendingPayment> | null;
    const { credit, before, at, elsewhere } = value ?? {};
    if (!isNano(credit) || !isNano(before) || typeof at !== "number" || typeof elsewhere !== "boolean") return null;
    const age = now - at;
    return age < (elsewhere ? ELSEWHERE_MS_MAX : PENDING_MS_MAX) ? { credit, before, at, elsewhere } : null;
  } catch {
    return null;
  }
}

function isNano(value: unknown): value is string {
  return typeof value === "string" && /^-?\d{1,19}$/.test(value);
}
