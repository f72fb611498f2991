/** What the books say of the chain, next to what the chain says, and whether people's and workers' coins are there. */
import { Address } from "@ton/core";
import { exactAmount } from "@starai/protocol/amounts";
import { compareBalances, differenceOf } from "../chain/compare-balances.ts";
import type { Compared } from "../chain/compare-balances.ts";
import { ChainUnread } from "../chain/read-account.ts";
import { readSolvency } from "../chain/solvency.ts";
import { chainCursors, chainHome } from "../db/schema.ts";
import type { AccountKind } from "../ledger/rules/account-kinds.ts";
import { atLeastNothing, leavesWaiting, overInTill, settlementBooks } from "../settlement/settlement-books.ts";
import type { SettlementBooks } from "../settlement/settlement-books.ts";
import { named } from "./amounts.ts";
import type { OperatorContext, Say } from "./command.ts";
import { minute } from "./shown.ts";

/** @throws a sentence where they differ, or coins that are owed are not there */
export async function chainReport({ db, pg, tonClient }: OperatorContext, say: Say): Promise<void> {
  const [home] = await db.select().from(chainHome);
  if (home === undefined || tonClient === undefined)
    throw new Error("This database's money is on no TON network yet: set TON_NETWORK and start the server once.");
  const cursors = await db.select().from(chainCursors).orderBy(chainCursors.role);
  const accounts = cursors.map(({ role, address }) => ({ role, address: Address.parseRaw(address) }));
  say(`Network ${home.networkId}, since ${minute(home.pinnedAt)} UTC`);
  const compared = await compareBalances(db, tonClient(home.networkId), accounts).catch(unreadable);
  for (const one of compared) say(lineOf(one));
  const balances = await readBalances({ pg });
  for (const line of booksLines(balances)) say(line);
  for (const line of poolLines(compared, await settlementBooks(pg))) say(line);
  for (const line of await claimLines({ pg })) say(line);
  const solvency = await readSolvency(pg);
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

function unreadable(error: unknown): never {
  const why = error instanceof ChainUnread ? error.message : "it does not answer";
  throw new Error(
    `The chain cannot be compared now: ${why}. The books are as they were: try again, or set TON_ENDPOINT.`,
    {
      cause: error,
    },
  );
}

function lineOf(one: Compared): string {
  const { role, address, booked, onChain, behind } = one;
  const there = onChain === null ? "too far ahead to say" : exactAmount(onChain);
  const difference = onChain === null ? "?" : exactAmount(differenceOf(one));
  const late = behind === 0 ? "" : `, ${behind} transactions are not in the books yet`;
  return `  ${role.padEnd(9)} chain ${there}, books ${exactAmount(booked)}, difference ${difference}${late}, at ${address}`;
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

const chainBalance = (compared: readonly Compared[], role: Compared["role"]) =>
  compared.find((one) => one.role === role)?.onChain ?? 0n;

/** Of earners' coins above: what the pool was given for them, and what is to follow. */
function poolLines(compared: readonly Compared[], settled: SettlementBooks): string[] {
  const { moved, asked, claimed } = settled;
  const inPool = moved.pay_pool + moved.till_pool;
  const unclaimed = atLeastNothing(inPool - claimed);
  const short = atLeastNothing(unclaimed - chainBalance(compared, "pool"));
  return [
    `  ${"in the pool".padEnd(14)} ${named(inPool, "coin")} of what leaves owed, ${named(claimed, "coin")} were claimed${short > 0n ? `, of which ${named(short, "coin")} are MISSING there` : ""}`,
    `  ${"to the pool".padEnd(14)} ${named(leavesWaiting(settled), "coin")} of leaves wait to be moved, ${named(asked.pay_pool + asked.till_pool, "coin")} are on their way`,
    `  ${"to deposits".padEnd(14)} ${named(overInTill(settled), "coin")} of people's lie in the till and wait to be moved`,
  ];
}

/** Claims that took more out of the pool than the books say was owed: nothing for a root that this server proposed. */
async function claimLines({ pg }: Pick<OperatorContext, "pg">): Promise<string[]> {
  const { rows } = await pg.query<{ count: string; last: string | null }>(
    `select count(*), (array_agg(encode(hash, 'hex') order by lt desc))[1] as last
     from chain_transactions where role = 'pool' and kind = 'claimed_beyond'`,
  );
  const { count, last } = rows[0]!;
  if (last === null) return [];
  return [
    `  ${count} claims were paid of more than the books owe, the last one in transaction ${last}: the pool's own money paid the rest. Is every root that the distributor opened ours?`,
  ];
}

function solvencyLine({ owed, there, missing }: Awaited<ReturnType<typeof readSolvency>>): string {
  const facts = `${named(owed, "coin")} are people's, workers', in flight, unmatched, for refunds or in escrows' books; ${named(there, "coin")} are in the deposits vault, the hot wallet, the till, the pool, in transit or signed to us`;
  return missing > 0n
    ? `SHORT by ${named(missing, "coin")}: ${facts}.`
    : `People's and workers' coins are there: ${facts}.`;
}
