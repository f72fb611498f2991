/**
 * Moves what an epoch's lines say: availability → worker → wallet, and what a ban took to refunds. Batch by batch, each a
 * transaction with its postings, its leaves and its lines' marks, so that an answer's end waits for one of them at most,
 * and whoever goes on after a break does what is left.
 */
import type { Pool, PoolClient } from "pg";
import { ledgerKey } from "../billing/ledger-key.ts";
import { Moved, moneyTransaction } from "../billing/money-transaction.ts";
import { workerOwner } from "../billing/bill.ts";
import { applyOperations } from "../ledger/apply-operations.ts";
import { openAccount, openAccounts } from "../ledger/open-account.ts";
import type { AccountId, Move } from "../ledger/rules/operation.ts";
import { leafOwner, setAsideOwner } from "./closing-accounts.ts";
import { lockEpochs } from "./lock-epochs.ts";
import { cutLine } from "./plan-closing.ts";
import type { LineAmounts } from "./plan-closing.ts";

/** Three moves each: some tenths of a second. */
export const LINES_AT_ONCE = 500;

type Connection = Pick<PoolClient, "query">;

interface Moving {
  readonly linesAtOnce: number;
  readonly signal?: AbortSignal;
}

/** @throws the database's faults, and the signal's reason between two batches; then it is gone on with */
export async function moveLines(pg: Pool, epoch: number, { linesAtOnce, signal }: Moving): Promise<void> {
  for (let moved = linesAtOnce; moved === linesAtOnce;) {
    signal?.throwIfAborted();
    moved = await moneyTransaction(pg, ({ client }) => moveBatch(client, epoch, linesAtOnce));
  }
}

interface Line extends LineAmounts {
  readonly worker: string;
  readonly wallet: string | null;
}

/** Returns how many lines it moved. */
async function moveBatch(client: Connection, epoch: number, linesAtOnce: number): Promise<number> {
  await lockEpochs(client);
  const written = await nextLines(client, epoch, linesAtOnce);
  if (written.length === 0) return 0;
  const accounts = await accountsOf(client, epoch, written);
  const lines = await cutToBooks(client, written, accounts.workers);
  const { released, forfeited, held } = columnsOf(lines);
  await client.query(MARK, [epoch, lines.map(({ worker }) => worker), released, forfeited, held]);
  await client.query(RAISE, [epoch, lines.map(({ wallet }) => wallet), released]);
  // Last: answers' ends wait for these accounts.
  const moves = lines.flatMap((line) => movesOf(line, epoch, accounts)).filter(({ amount }) => amount > 0n);
  const outcomes = await applyOperations(client, moves, { halted: false });
  if (outcomes.some(({ kind }) => kind !== "done")) throw new Moved("a balance was moved meanwhile");
  return lines.length;
}

const NEXT = `
  select worker, wallet, availability::text, released::text, forfeited::text, held::text
  from epoch_lines where epoch = $1 and to_move order by worker limit $2`;

async function nextLines(client: Connection, epoch: number, most: number): Promise<Line[]> {
  type Row = Record<keyof LineAmounts, string> & Pick<Line, "worker" | "wallet">;
  const { rows } = await client.query<Row>(NEXT, [epoch, most]);
  return rows.map(({ worker, wallet, availability, released, forfeited, held }) => ({
    worker,
    wallet,
    availability: BigInt(availability),
    released: BigInt(released),
    forfeited: BigInt(forfeited),
    held: BigInt(held),
  }));
}

interface Accounts {
  /** By key. */
  readonly workers: ReadonlyMap<string, AccountId>;
  /** By wallet. */
  readonly leaves: ReadonlyMap<string, AccountId>;
  readonly aside: AccountId;
  readonly refunds: AccountId;
}

async function accountsOf(client: Connection, epoch: number, lines: readonly Line[]): Promise<Accounts> {
  const wallets = [...new Set(lines.flatMap(({ wallet }) => wallet ?? []))];
  const owners = [...lines.map(({ worker }) => workerOwner(worker)), ...wallets.map(leafOwner)];
  const opened = await openAccounts(client, { asset: "coin", kind: "earner", owners });
  return {
    workers: new Map(lines.map(({ worker }) => [worker, opened.get(workerOwner(worker))!])),
    leaves: new Map(wallets.map((wallet) => [wallet, opened.get(leafOwner(wallet))!])),
    aside: await openAccount(client, { asset: "coin", kind: "availability", owner: setAsideOwner(epoch) }),
    refunds: await openAccount(client, { asset: "coin", kind: "refunds", owner: "house" }),
  };
}

/** No answer takes away what its worker's line counted. Where somebody else did, the line is cut to what is there. */
async function cutToBooks(client: Connection, lines: readonly Line[], workers: Accounts["workers"]): Promise<Line[]> {
  const { rows } = await client.query<{ id: string; balance: string }>(
    "select id, balance - held as balance from ledger_accounts where id = any($1::bigint[])",
    [[...workers.values()]],
  );
  const balances = new Map(rows.map(({ id, balance }) => [Number(id), BigInt(balance)]));
  return lines.map((line) => ({ ...line, ...cutLine(line, balances.get(workers.get(line.worker)!)!) }));
}

const MARK = `
  update epoch_lines l set to_move = false, released = m.released, forfeited = m.forfeited, held = m.held
  from unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) as m(worker, released, forfeited, held)
  where l.epoch = $1 and l.worker = m.worker`;

const RAISE = `
  insert into epoch_leaves as l (wallet, cumulative, epoch)
  select wallet, sum(released), $1 from unnest($2::text[], $3::bigint[]) as m(wallet, released)
  where wallet is not null and released > 0 group by wallet order by wallet
  on conflict (wallet) do update set cumulative = l.cumulative + excluded.cumulative, epoch = excluded.epoch`;

const columnsOf = (lines: readonly Line[]) => ({
  released: lines.map(({ released }) => String(released)),
  forfeited: lines.map(({ forfeited }) => String(forfeited)),
  held: lines.map(({ held }) => String(held)),
});

function movesOf(line: Line, epoch: number, { workers, leaves, aside, refunds }: Accounts): Move[] {
  const { worker, wallet, availability, released, forfeited } = line;
  const own = workers.get(worker)!;
  const move = (from: AccountId, to: AccountId, amount: bigint, kind: string, ...parts: string[]): Move => ({
    verb: "move",
    key: ledgerKey("epoch", epoch, worker, ...parts),
    from,
    to,
    amount,
    kind,
  });
  return [
    move(aside, own, availability, "availability", "availability"),
    ...(wallet === null ? [] : [move(own, leaves.get(wallet)!, released, "epoch_leaf")]),
    move(own, refunds, forfeited, "forfeited", "forfeited"),
  ];
}
