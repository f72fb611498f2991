/** What an operator looks at: the books in sums, the day, and whether the house can pay what it owes. */
import type { Pool } from "pg";
import { POSTINGS_SINCE_MIDNIGHT, midnightBefore } from "../ledger/since-midnight.ts";
import type { AccountKind, Asset } from "../ledger/rules/account-kinds.ts";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import { currentRate } from "../prices/rate.ts";
import { latestRates } from "../rates/rate-rows.ts";
import { dollars, named } from "./amounts.ts";
import type { OperatorCommand, OperatorContext, Say } from "./command.ts";
import { needMoney } from "./need-money.ts";
import { readSettings } from "./settings.ts";
import { minute } from "./shown.ts";

export const reportCommands = needMoney({
  report: { args: "", summary: "balances, the day so far, and whether the house can pay what it owes", run: report },
} satisfies Record<string, OperatorCommand>);

const ASSETS = ["coin", "stars"] as const satisfies Asset[];

async function report(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  if (words.length > 0) throw new Error("`report` takes no arguments: npm run operator -- report");
  const midnight = midnightBefore(Date.now());
  await sayState(ctx, say);
  const balances = await readBalances(ctx.pg);
  say("\nBalances:");
  for (const { asset, kind, balance, held, accounts } of balances)
    say(
      `  ${asset.padEnd(6)} ${kind.padEnd(15)} ${named(balance, asset)}${held === 0n ? "" : `, of it held ${named(held, asset)}`} in ${accounts} accounts`,
    );
  if (balances.length === 0) say("  none: nobody paid anything yet");
  say(`\nSince ${minute(midnight)} UTC:`);
  for (const line of await dayLines(ctx.pg, midnight)) say(`  ${line}`);
  say("");
  for (const asset of ASSETS) say(solvencyOf(asset, balances));
}

/** Whether new paid answers begin, by all that may stop them. */
async function sayState({ db, pg }: OperatorContext, say: Say): Promise<void> {
  const { findings, looked } = await verifyLedger(pg, { now: new Date() });
  const { halted } = await readSettings(db, say);
  const isWrong = findings.some(({ severity }) => severity === "halt");
  say(
    isWrong
      ? "The books do not add up, so that no new paid answers begin: `npm run ledger:verify` says what is wrong."
      : `The books add up (${looked.accounts} accounts, ${looked.openHolds} answers being paid for).`,
  );
  if (findings.length > 0 && !isWrong) say("Somebody should look at them all the same: npm run ledger:verify");
  say(halted ? "Halted: no new paid answers (operator resume)." : "Not halted.");
  const { rate, usable } = currentRate(await latestRates(db, 1), Date.now());
  say(
    rate === null
      ? "The coin has no rate."
      : `A coin is ${dollars(rate.microUsdPerCoin)}, ${usable ? "and used" : "NOT used (operator rates says why)"}.`,
  );
}

interface Balance {
  readonly asset: Asset;
  readonly kind: AccountKind;
  readonly balance: bigint;
  readonly held: bigint;
  readonly accounts: number;
}

async function readBalances(pg: Pool): Promise<Balance[]> {
  const { rows } = await pg.query<Record<"balance" | "held" | "accounts", string> & Pick<Balance, "asset" | "kind">>(
    `select asset, kind, sum(balance) as balance, sum(held) as held, count(*) as accounts
     from ledger_accounts group by asset, kind order by asset, kind`,
  );
  return rows.map((row) => ({
    ...row,
    balance: BigInt(row.balance),
    held: BigInt(row.held),
    accounts: Number(row.accounts),
  }));
}

async function dayLines(pg: Pool, midnight: Date): Promise<string[]> {
  const { rows } = await pg.query<{ asset: Asset; captured: string; returned: string; lost: string }>(
    `select p.asset,
       coalesce(sum(p.amount) filter (where p.hold is not null and p.reverses is null), 0) as captured,
       coalesce(sum(p.amount) filter (where p.hold is not null and p.reverses is not null), 0) as returned,
       coalesce(sum(p.amount) filter (where d.kind = 'loss' and c.kind = 'earner' and p.reverses is null), 0) as lost
     from ${POSTINGS_SINCE_MIDNIGHT} p join ledger_accounts d on d.id = p.debit join ledger_accounts c on c.id = p.credit
     group by p.asset`,
    [midnight],
  );
  const money = ASSETS.map((asset) => {
    const row = rows.find((one) => one.asset === asset);
    const text = (of: "captured" | "returned" | "lost") => named(BigInt(row?.[of] ?? 0), asset);
    return `${text("captured")} captured, ${text("returned")} returned, ${text("lost")} lost to workers of failed answers`;
  });
  return [...money, await freeLine(pg, midnight), await waitingLine(pg)];
}

async function freeLine(pg: Pool, midnight: Date): Promise<string> {
  const day = midnight.toISOString().slice(0, 10);
  const { rows } = await pg.query<{ used: string; cap: string | null; answers: string; people: string }>(
    `select coalesce(sum(a.used), 0) as answers, count(a.person) as people,
       coalesce((select used from free_budgets where day = $1), 0) as used,
       (select cap from free_budgets where day = $1) as cap
     from free_answers a where a.day = $1 and a.used > 0`,
    [day],
  );
  const { answers, people, used, cap } = rows[0]!;
  const budget = cap === null ? "" : ` of ${dollars(BigInt(cap))}`;
  return `${answers} free answers of ${people} people, for ${dollars(BigInt(used))}${budget} at list prices`;
}

async function waitingLine(pg: Pool): Promise<string> {
  const { rows } = await pg.query<{ stars: string; workers: string; shared: string }>(
    `select coalesce(sum(balance) filter (where kind = 'earner'), 0) as stars,
       count(*) filter (where kind = 'earner') as workers,
       coalesce(sum(balance) filter (where kind = 'availability'), 0) as shared
     from ledger_accounts where asset = 'stars' and kind in ('earner', 'availability') and balance > 0`,
  );
  const { stars, workers, shared } = rows[0]!;
  const share = `${named(BigInt(shared), "stars")} for being there`;
  return `${named(BigInt(stars), "stars")} of ${workers} workers and ${share} wait to be paid in coins (float pay)`;
}

/** Whose money it is that the house has: of people, of workers, and under way to or from them. */
const OWED: ReadonlySet<AccountKind> = new Set(["person", "escrow", "earner", "in_flight", "unmatched", "refunds"]);
/** Money outside, which the house holds: below zero in the books, because it came from there. */
const OUTSIDE: ReadonlySet<AccountKind> = new Set([
  "telegram_stars",
  "chain_deposits",
  "chain_till",
  "chain_hot",
  "chain_pool",
  "chain_transit",
  // What people signed vouchers for lies in their own escrows until it is redeemed.
  "receivable",
]);

function solvencyOf(asset: Asset, balances: readonly Balance[]): string {
  const sum = (kinds: ReadonlySet<AccountKind>) =>
    balances
      .filter((one) => one.asset === asset && kinds.has(one.kind))
      .reduce((total, one) => total + one.balance, 0n);
  const [owed, outside] = [sum(OWED), -sum(OUTSIDE)];
  const where = asset === "stars" ? "with Telegram" : "on the chain, by the books,";
  const title = asset === "stars" ? "Stars" : "Coins";
  if (outside < owed)
    return `${title}: the house is SHORT by ${named(owed - outside, asset)}: it owes people and workers ${named(owed, asset)}, and has ${named(outside, asset)} ${where}.`;
  return `${title}: the house can pay: it owes people and workers ${named(owed, asset)}, has ${named(outside, asset)} ${where} and ${named(outside - owed, asset)} of it are its own.`;
}
