import { array, assert, constantFrom, integer, oneof, property, record } from "fast-check";
import { expect, test } from "vitest";
import { LINKS_MAX, StarLedger, STARS_AT_FIRST } from "./star-ledger.ts";
import type { InvoiceTerms } from "./star-ledger.ts";

const PEOPLE = [1, 2, 3];
const termsOf = (amount: number): InvoiceTerms => ({
  title: "x",
  description: "x",
  payload: "x",
  amount,
  periodS: null,
});

/** What may happen: Stars added to a person, a payment by one, or a refund of the payment so many before the last. */
const acts = array(
  oneof(
    record({ act: constantFrom("add" as const), user: constantFrom(...PEOPLE), amount: integer({ min: 1, max: 500 }) }),
    record({ act: constantFrom("pay" as const), user: constantFrom(...PEOPLE), amount: integer({ min: 1, max: 500 }) }),
    record({ act: constantFrom("refund" as const), back: integer({ min: 0, max: 5 }) }),
  ),
  { maxLength: 60 },
);

test("Stars are neither made nor lost by payments and refunds, and a rebuilt ledger is the same", () => {
  assert(
    property(acts, (list) => {
      const ledger = new StarLedger();
      let added = 0;
      for (const [date, step] of list.entries()) {
        if (step.act === "add") {
          added += step.amount;
          const balance = ledger.balanceOf(step.user) + step.amount;
          ledger.apply({ kind: "star-balance", user: step.user, balance });
        } else if (step.act === "pay") {
          const payment = { charge: `c${date}`, user: step.user, date, terms: termsOf(step.amount) };
          ledger.apply({ kind: "star-payment", payment, subscription: null });
        } else {
          const charge = [...ledger.payments.keys()].at(-1 - step.back);
          if (charge !== undefined && !ledger.isRefunded(charge)) ledger.apply({ kind: "star-refund", charge, date });
        }
        const people = PEOPLE.reduce((sum, user) => sum + ledger.balanceOf(user), 0);
        expect(people + ledger.botBalance()).toBe(PEOPLE.length * STARS_AT_FIRST + added);
      }
      expect(stateOf(rebuilt(ledger))).toEqual(stateOf(ledger));
    }),
  );
});

function rebuilt(ledger: StarLedger): StarLedger {
  const copy = new StarLedger();
  for (const each of ledger.records()) copy.apply(each);
  return copy;
}

function stateOf(ledger: StarLedger): unknown {
  const refunded = [...ledger.payments.keys()].filter((charge) => ledger.isRefunded(charge));
  const balances = PEOPLE.map((user) => ledger.balanceOf(user));
  return { balances, refunded, statement: ledger.statement, payments: [...ledger.payments] };
}

test("the oldest of very many links is dropped", () => {
  const ledger = new StarLedger();
  for (let count = 0; count <= LINKS_MAX; count++)
    ledger.apply({ kind: "invoice-link", slug: `${count}`, terms: termsOf(1) });
  expect(ledger.links.size).toBe(LINKS_MAX);
  expect(ledger.links.has("0")).toBe(false);
});
