/**
 * Telegram Stars of the simulated world: what people have, what bots asked for, what was paid and given back. It
 * changes only by records, which the journal stores. A payment and its refund are one record each, so that a killed
 * process never leaves Stars taken from a person without a payment to show for them.
 */

/** What an invoice asks for: the part that people see, and the payload that only the bot sees. */
export interface InvoiceTerms {
  readonly title: string;
  readonly description: string;
  readonly payload: string;
  /** Whole Stars. */
  readonly amount: number;
  /** Seconds until the next payment of a subscription; null for a single payment. */
  readonly periodS: number | null;
}

export interface StarPayment {
  /** Telegram's identifier of the payment, which its refund shares. */
  readonly charge: string;
  readonly user: number;
  /** Unix seconds. */
  readonly date: number;
  readonly terms: InvoiceTerms;
}

export interface StarSubscription {
  /** The charge of its first payment. */
  readonly charge: string;
  readonly user: number;
  readonly terms: InvoiceTerms;
  /** When the paid period ends and the next payment is due, Unix seconds. */
  readonly until: number;
  /** `failed`: the person had too few Stars for the next payment. What the bot canceled only the bot can release. */
  readonly state: "active" | "canceled" | "canceled-by-bot" | "failed";
}

/** One line of the bot's statement. */
interface StatementLine {
  readonly charge: string;
  readonly refund: boolean;
  /** Unix seconds. */
  readonly date: number;
}

export type StarRecord =
  | { kind: "star-balance"; user: number; balance: number }
  | { kind: "invoice-link"; slug: string; terms: InvoiceTerms }
  /** `subscription`: what the payment has begun or prolonged. */
  | { kind: "star-payment"; payment: StarPayment; subscription: StarSubscription | null }
  | { kind: "star-refund"; charge: string; date: number }
  | { kind: "star-subscription"; subscription: StarSubscription };

/** Stars of a person who has neither bought nor spent any. */
export const STARS_AT_FIRST = 1_000;
/** Bots page through the statement by offset, so none of it may be dropped; instead no more can be paid. */
export const PAYMENTS_MAX = 20_000;
/** Older links are dropped; a bot makes one a purchase, and a purchase takes minutes. */
export const LINKS_MAX = 2_000;

export class StarLedger {
  readonly payments = new Map<string, StarPayment>();
  readonly links = new Map<string, InvoiceTerms>();
  readonly subscriptions = new Map<string, StarSubscription>();
  /** Payments and refunds, oldest first. */
  readonly statement: StatementLine[] = [];
  readonly #balances = new Map<number, number>();
  readonly #refunded = new Set<string>();

  apply(record: StarRecord): void {
    switch (record.kind) {
      case "star-balance":
        this.#balances.set(record.user, record.balance);
        return;
      case "invoice-link":
        this.links.set(record.slug, record.terms);
        for (const slug of this.links.keys()) if (this.links.size > LINKS_MAX) this.links.delete(slug);
        return;
      case "star-payment":
        if (record.subscription) this.subscriptions.set(record.subscription.charge, record.subscription);
        return this.#pay(record.payment);
      case "star-refund":
        return this.#refund(record);
      case "star-subscription":
        this.subscriptions.set(record.subscription.charge, record.subscription);
        return;
      default:
        record satisfies never;
    }
  }

  /** The records that rebuild this state from an empty one. Balances come last, since payments change them. */
  *records(): Generator<StarRecord> {
    for (const [slug, terms] of this.links) yield { kind: "invoice-link", slug, terms };
    for (const { charge, refund, date } of this.statement) {
      const payment = this.payments.get(charge);
      if (refund) yield { kind: "star-refund", charge, date };
      else if (payment) yield { kind: "star-payment", payment, subscription: null };
    }
    for (const subscription of this.subscriptions.values()) yield { kind: "star-subscription", subscription };
    for (const [user, balance] of this.#balances) yield { kind: "star-balance", user, balance };
  }

  /** A person's Stars. */
  balanceOf(user: number): number {
    return this.#balances.get(user) ?? STARS_AT_FIRST;
  }

  /** The bot's Stars: what was paid and not given back. */
  botBalance(): number {
    return this.statement.reduce((sum, { charge, refund }) => {
      const amount = this.payments.get(charge)?.terms.amount ?? 0;
      return refund ? sum - amount : sum + amount;
    }, 0);
  }

  isRefunded(charge: string): boolean {
    return this.#refunded.has(charge);
  }

  #pay(payment: StarPayment): void {
    const { charge, user, date, terms } = payment;
    this.payments.set(charge, payment);
    this.statement.push({ charge, refund: false, date });
    this.#balances.set(user, this.balanceOf(user) - terms.amount);
  }

  #refund({ charge, date }: { charge: string; date: number }): void {
    const payment = this.payments.get(charge);
    if (!payment) return;
    this.#refunded.add(charge);
    this.statement.push({ charge, refund: true, date });
    this.#balances.set(payment.user, this.balanceOf(payment.user) + payment.terms.amount);
  }
}
