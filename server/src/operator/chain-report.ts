/** What the books say of the chain, next to what the chain says, and whether people's and workers' coins are there. */
import { exactAmount } from "@starai/protocol/amounts";
import { differenceOf } from "../chain/compare-balances.ts";
import type { Compared } from "../chain/compare-balances.ts";
import type { AccountKind } from "../ledger/rules/account-kinds.ts";
import { named } from "./amounts.ts";
import type { OperatorContext, Say } from "./command.ts";
import { minute } from "./shown.ts";
import { missingInPool, readBooksSide, readChainSide, readHome, whyUnread } from "./treasury.ts";
import type { BooksSide, ChainSide } from "./treasury.ts";

/** @throws a sentence where they differ, or coins that are owed are not there */
export async function chainReport({ db, pg, tonClient }: OperatorContext, say: Say): Promise<void> {
  const home = await readHome(db);
  if (home === null || tonClient === undefined)
    throw new Error("This database's money is on no TON network yet: set TON_NETWORK and start the server once.");
  say(`Network ${home.networkId}, since ${minute(home.pinnedAt)} UTC`);
  const asked = { client: tonClient(home.networkId), home, signal: new AbortController().signal };
  const { compared, others } = await readChainSide(db, asked).catch(unreadable);
  for (const one of compared) say(lineOf(one));
  for (const one of others) say(otherLine(one));
  for (const line of booksLines(await readBalances({ pg }))) say(line);
  const books = await readBooksSide(pg);
  for (const line of poolLines(books, compared)) say(line);
  const { solvency } = books;
  say(solvencyLine(solvency));
  const wrong = compared.filter((one) => differenceOf(one) !== 0n);
  if (wrong.length > 0)
    throw new Error(
      `The books and the chain DIFFER at ${wrong.map(({ role }) => role).join(", ")}. Nobody is paid out until they agree; nothing is moved by itself.`,
    );
  if (solvency.missing > 0n)
    throw new Error(
      `The house is SHORT by ${named(solvency.missing, "coin")}. Nobody is paid out until what is owed is there: send what is missing of the house's own to the hot wallet. Nothing is moved by itself.`,
    );
}

function unreadable(cause: unknown): never {
  throw new Error(
    `The chain cannot be compared now: ${whyUnread(cause)}. The books are as they were: try again, or set TON_ENDPOINT.`,
    { cause },
  );
}

function lineOf(one: Compared): string {
  const { role, address, booked, onChain, behind } = one;
  const there = onChain === null ? "too far ahead to say" : exactAmount(onChain);
  const difference = onChain === null ? "?" : exactAmount(differenceOf(one));
  const late = behind === 0 ? "" : `, ${behind} transactions are not in the books yet`;
  return `  ${role.padEnd(9)} chain ${there}, books ${exactAmount(booked)}, difference ${difference}${late}, at ${address}`;
}

function otherLine({ role, address, balance }: ChainSide["others"][number]): string {
  return `  ${role.padEnd(9)} chain ${balance === null ? "does not say now" : exactAmount(balance)}, not in the books, at ${address}`;
}

type Balances = ReadonlyMap<string, bigint>;

/** Of coins, by kind, and of the house's own by account as well. */
async function readBalances({ pg }: Pick<OperatorContext, "pg">): Promise<Balances> {
  const { rows } = await pg.query<{ name: string; balance: string }>(
    `select case kind when 'own' then kind || ' ' || owner else kind end as name, sum(balance)::text as balance
     from ledger_accounts where asset = 'coin' group by 1 order by 1`,
  );
  return new Map(rows.map(({ name, balance }) => [name, BigInt(balance)]));
}

/** What kinds are called here; the others are shown by their own names. */
const TITLES: Partial<Record<string, string>> = {
  person: "people",
  in_flight: "in flight",
  escrow: "escrows",
  receivable: "signed to us",
  earner: "earners",
  chain_transit: "in transit",
} satisfies Partial<Record<AccountKind, string>>;

/** Every account that has something, so that what the house has in one of its own is not overlooked; and their sum, which is zero. */
function booksLines(balances: Balances): string[] {
  const rows = [...balances].filter(([, balance]) => balance !== 0n);
  const total = rows.reduce((sum, [, balance]) => sum + balance, 0n);
  return [
    ...rows.map(
      ([name, balance]) => `  ${(TITLES[name] ?? name).padEnd(14)} ${named(balance, "coin")}${below(name, balance)}`,
    ),
    `  ${"all together".padEnd(14)} ${named(total, "coin")}`,
  ];
}

const below = (name: string, balance: bigint) =>
  name.startsWith("own ") && balance < 0n ? ", below zero: other money of the house pays for it" : "";

/** Of earners' coins above: what the pool was given for them, and what is to follow. */
function poolLines(books: BooksSide, compared: readonly Compared[]): string[] {
  const { inPool, claimed, toPool, onItsWay, toDeposits, sweepable, claimedBeyond } = books;
  const missing = missingInPool(books, compared);
  const lines = [
    `  ${"in the pool".padEnd(14)} ${named(inPool, "coin")} of what leaves owed, ${named(claimed, "coin")} were claimed${missing > 0n ? `, of which ${named(missing, "coin")} are MISSING there` : ""}`,
    `  ${"to the pool".padEnd(14)} ${named(toPool, "coin")} of leaves wait to be moved, ${named(onItsWay, "coin")} are on their way`,
    `  ${"to deposits".padEnd(14)} ${named(toDeposits, "coin")} of people's lie in the till and wait to be moved`,
    `  ${"to be swept".padEnd(14)} ${named(sweepable.deposits, "coin")} of fees in the deposits vault, ${named(sweepable.till, "coin")} in the till`,
  ];
  if (claimedBeyond === null) return lines;
  const { count, last } = claimedBeyond;
  return [
    ...lines,
    `  ${count} claims were paid of more than the books owe, the last one in transaction ${last}: the pool's own money paid the rest. Is every root that the distributor opened ours?`,
  ];
}

function solvencyLine({ owed, there, missing }: BooksSide["solvency"]): string {
  const facts = `${named(owed, "coin")} are people's, workers', in flight, unmatched, for refunds or in escrows' books; ${named(there, "coin")} are in the deposits vault, the hot wallet, the till, the pool, in transit or signed to us`;
  return missing > 0n
    ? `SHORT by ${named(missing, "coin")}: ${facts}.`
    : `People's and workers' coins are there: ${facts}.`;
}
