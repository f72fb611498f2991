/** The house's coins on the operator's page: whether they are all there, where they are, and what they are for. */
import { html } from "hono/html";
import { differenceOf } from "../../chain/compare-balances.ts";
import { missingInPool } from "../treasury.ts";
import type { BooksSide, ChainSide } from "../treasury.ts";
import type { Balance } from "./facts.ts";
import { amount, code, moment, section, table, words } from "./table.ts";
import type { Html } from "./table.ts";
import type { TreasuryView } from "./treasury-board.ts";

/** @param treasury  null: it is not read yet */
export function moneySection(treasury: TreasuryView | null, balances: readonly Balance[]): Html {
  const books = table(
    "Money by the books",
    ["account", "balance"],
    balances.map(({ name, balance }) => [name, amount(balance)]),
  );
  if (treasury === null)
    return section(
      "money",
      "Treasury",
      html`<p role="status">The books are still being read: load the page again in a minute.</p>`,
      html`<h3>By the books</h3>`,
      books,
    );
  const { at, chain } = treasury;
  return section(
    "money",
    "Treasury",
    verdict(treasury),
    html`<h3>On the chain, as of ${moment(at)}</h3>`,
    typeof chain === "string" ? html`<p>${chain}</p>` : chainTable(chain),
    html`<h3>What the books owe, and what is to be moved</h3>`,
    owedTable(treasury.books, chain),
    html`<h3>By the books</h3>`,
    books,
  );
}

function verdict({ chain, books }: TreasuryView): Html {
  const { missing } = books.solvency;
  const wrong = typeof chain === "string" ? [] : chain.compared.filter((one) => differenceOf(one) !== 0n);
  const faults = [
    ...(wrong.length === 0
      ? []
      : [
          `The books and the chain DIFFER at ${wrong.map(({ role }) => role).join(", ")}: nobody is paid out until they agree.`,
        ]),
    ...(missing > 0n
      ? [
          `The house is SHORT by ${amount(missing)}: nobody is paid out until what is owed is there. Send what is missing of the house's own to the hot wallet.`,
        ]
      : []),
  ];
  if (faults.length > 0) return html`<p role="alert" class="bad">${faults.join(" ")}</p>`;
  const agrees = typeof chain === "string" ? "" : " The books and the chain agree.";
  return html`<p class="ok">People's and workers' coins are there: ${amount(-missing)} more than is owed.${agrees}</p>`;
}

function chainTable({ compared, others }: ChainSide): Html {
  const booked = compared.map((one) => [
    one.role === "pool" ? "pool (distributor)" : one.role === "hot" ? "hot wallet" : one.role,
    one.onChain === null ? "too far ahead to say" : amount(one.onChain),
    amount(one.booked),
    one.onChain === null ? "?" : amount(differenceOf(one)),
    one.behind === 0 ? "—" : String(one.behind),
    code(one.address),
  ]);
  const outside = others.map(({ role, address, balance }) => [
    role === "refunds" ? "refunds vault" : role === "publisher" ? "publisher's wallet" : role,
    balance === null ? "does not say now" : amount(balance),
    "not in them",
    "—",
    "—",
    code(address),
  ]);
  return table(
    "On the chain",
    ["account", "on the chain", "in the books", "drift", "not booked yet", "address"],
    [...booked, ...outside],
  );
}

function owedTable(books: BooksSide, chain: ChainSide | string): Html {
  const { solvency, inPool, claimed, toPool, onItsWay, toDeposits, sweepable, claimedBeyond } = books;
  const missing = typeof chain === "string" ? 0n : missingInPool(books, chain.compared);
  const rows = [
    ["Owed to people and workers, in flight, unmatched and for refunds", amount(solvency.owed)],
    ["There for it: deposits vault, hot wallet, till, pool, in transit, signed to us", amount(solvency.there)],
    [solvency.missing > 0n ? "Missing" : "More than is owed", amount(abs(solvency.missing))],
    ["Given to the pool for leaves", amount(inPool)],
    ["Claimed of it", amount(claimed)],
    ...(missing > 0n ? [["Missing in the pool", amount(missing)]] : []),
    ["Owed by leaves, to be moved to the pool", amount(toPool)],
    ["On its way there", amount(onItsWay)],
    ["Of people's in the till, to be moved to the deposits vault", amount(toDeposits)],
    ["Fees that keepers may sweep from the deposits vault", amount(sweepable.deposits)],
    ["Fees that keepers may sweep from the till", amount(sweepable.till)],
    ...(claimedBeyond === null
      ? []
      : [
          [
            "Claims that were paid of more than the books owe, out of the pool's own money",
            `${claimedBeyond.count}, the last one in transaction ${claimedBeyond.last}`,
          ],
        ]),
  ];
  return table(
    "What the books owe",
    ["what", "coins"],
    rows.map(([what = "", coins = ""]) => [words(what), coins]),
  );
}

const abs = (nano: bigint): bigint => (nano < 0n ? -nano : nano);
