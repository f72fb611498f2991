/**
 * Closes the running epoch: moves what its workers earned to their owners' leaves, and writes what it did for each of
 * them. All of it is one transaction, so that whoever closes at the same time, and wherever it breaks off, it happens
 * once. The file of leaves and its root follow in another one (epoch-file.ts): hashing a large tree takes
 * seconds, in which no answer shall wait for its worker's account.
 */
import { sql } from "drizzle-orm";
import { firstEarnedEpochs, isHeld } from "../billing/held-pay.ts";
import { ledgerKey } from "../billing/ledger-key.ts";
import { moneyTransaction } from "../billing/money-transaction.ts";
import type { MoneyTransaction } from "../billing/money-transaction.ts";
import { workerOwners } from "../billing/worker-owners.ts";
import type { WorkerOwner } from "../billing/worker-owners.ts";
import type { ChainContext } from "../chain/context.ts";
import type { Executor } from "../db/executor.ts";
import { epochs } from "../db/schema.ts";
import { assert } from "../errors.ts";
import { applyOperations } from "../ledger/apply-operations.ts";
import { openAccount, openAccounts } from "../ledger/open-account.ts";
import type { AccountId, Move } from "../ledger/rules/operation.ts";
import { lockClosingBooks, workersWithPay } from "./closing-books.ts";
import type { ClosingBooks, LockedAccount } from "./closing-books.ts";
import type { SeenDistributor } from "./distributor.ts";
import { planClosing } from "./plan-closing.ts";
import type { ClosingLine, Earner } from "./plan-closing.ts";
import { presenceSince } from "./presence.ts";
import { runningEpoch } from "./running-epoch.ts";
import type { RunningEpoch } from "./running-epoch.ts";
import { shareAvailability } from "./share-availability.ts";

/** Of the fees collected in an epoch, the most that is given for being there: 15 %. */
const AVAILABILITY_PERCENT = 15n;
const LOCK = "epochs";
const HOUSE = "house";

interface OpenTransaction extends Pick<MoneyTransaction, "client"> {
  readonly tx: Executor;
}

interface Closed {
  readonly number: number;
  /** What leaves grew by. */
  readonly released: bigint;
}

/**
 * Why no epoch was closed: it is too early, the one before is still on its way, the endpoint does not know of it yet,
 * another root is pending, or nothing is to be released and no new machine's pay waits for epochs to go by.
 */
export type NotClosed = "early" | "on_its_way" | "behind" | "another_root" | "nothing";

export interface ClosingOptions {
  /** An operator's word: the leaves of a dropped epoch are proposed anew, at once. */
  readonly again?: boolean;
}

/** @throws the database's faults; then nothing happened, or all of it */
export function closeEpoch(
  { pg, clock }: Pick<ChainContext, "pg" | "clock">,
  seen: SeenDistributor,
  { again = false }: ClosingOptions = {},
): Promise<Closed | NotClosed> {
  return moneyTransaction(pg, (open) => closeInside(open, seen, { again, now: clock() }));
}

/** In a transaction of somebody's who does more in it. @param now  by this server's clock, ms */
export async function closeInside(
  open: OpenTransaction,
  seen: SeenDistributor,
  { again, now }: { again: boolean; now: number },
): Promise<Closed | NotClosed> {
  await open.client.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [LOCK]);
  const running = await runningEpoch(open.tx);
  return whyNot(running, seen, again) ?? close(open, { running, seen, again, now });
}

/** Pure. */
function whyNot({ beganAt, published: last }: RunningEpoch, seen: SeenDistributor, again: boolean): NotClosed | null {
  if (last?.state === "closed" || last?.state === "proposed") return "on_its_way";
  if (last?.state === "active" && seen.epoch < last.chainEpoch) return "behind";
  if (seen.pending !== null) return "another_root";
  if (again && last?.state === "dropped") return null;
  if (beganAt === null || seen.nowS * 1_000 < beganAt.getTime() + seen.epochSeconds * 1_000) return "early";
  return null;
}

interface Closing {
  readonly running: RunningEpoch;
  readonly seen: SeenDistributor;
  readonly again: boolean;
  /** By this server's clock, ms. */
  readonly now: number;
}

async function close(open: OpenTransaction, closing: Closing): Promise<Closed | NotClosed> {
  const { running, seen, again } = closing;
  const found = await findEarners(open, closing);
  const before = await sumOfLeaves(open.tx);
  const lines = planClosing(found.earners, seen.totalCum + seen.epochCap - before);
  const released = lines.reduce((sum, line) => sum + line.released, 0n);
  const waits = found.earners.some(waitsForEpochs);
  const isDropped = running.published?.state === "dropped";
  const isProposed = released > 0n || ((again || (waits && isDropped)) && before > 0n);
  // What there is to share waits for somebody to have it, too.
  if (!isProposed && !waits) return "nothing";
  await moveMoney(open, { lines, found, number: running.number });
  await writeRows(open, { closing, lines, found, isProposed });
  return { number: running.number, released };
}

/** A new machine's pay waits until epochs are closed: they are, though nothing is released. */
const waitsForEpochs = ({ isHeld, due, open, availability }: Earner): boolean =>
  isHeld && due + open + availability > 0n;

interface Found {
  readonly earners: readonly Earner[];
  readonly books: ClosingBooks;
  /** Accounts of leaves, by their owners in the ledger. */
  readonly leaves: ReadonlyMap<string, AccountId>;
  /** Of what is shared, what comes out of fees. */
  readonly fromFees: bigint;
}

async function findEarners(open: OpenTransaction, { running, now }: Closing): Promise<Found> {
  const { client, tx } = open;
  const present = await presenceSince(tx, running.last?.recordedAt ?? null, new Date(now));
  for (const kind of ["fees", "availability"] as const)
    await openAccount(client, { asset: "coin", kind, owner: HOUSE });
  const staked = [...(await workerOwners(tx, [...present.keys()]))].filter(([, { stake }]) => stake > 0n);
  const keys = staked.map(([worker]) => worker);
  await openAccounts(client, { asset: "coin", kind: "earner", owners: keys.map((worker) => `worker:${worker}`) });
  const workers = [...new Set([...keys, ...(await workersWithPay(client))])];
  const known = await knownOf(open, workers, new Date(now));
  // From here on answers' ends wait: everything that can be read before is.
  const books = await lockClosingBooks(client, {
    workers,
    isShared: keys.length > 0,
    since: running.last?.upto ?? 0,
  });
  const fromFees = feesToShare(books);
  const shares = shareAvailability(
    fromFees + freeOf(books.availability),
    staked.map(([worker, { stake }]) => ({ worker, stake, seconds: present.get(worker)! })),
  );
  const earners = workers.map((worker) => ({
    worker,
    due: freeOf(books.workers.get(worker)!),
    open: openOf(books.workers.get(worker)!),
    availability: shares.get(worker) ?? 0n,
    isBanned: known.banned.has(worker),
    left: known.left.get(worker) ?? 0n,
    wallet: known.wallets.get(worker) ?? null,
    // One that was never paid for a job is new, whatever it gets for being there.
    isHeld: isHeld(known.first.get(worker) ?? running.number, running.number),
  }));
  return { earners, books, fromFees, leaves: known.leaves };
}

/** What decides about workers' pay, apart from the books; their owners' leaves have accounts then. */
async function knownOf({ client, tx }: OpenTransaction, workers: readonly string[], now: Date) {
  const [owners, unsettled] = [await workerOwners(tx, workers), await unsettledWallets(tx, now)];
  const wallets = new Map(workers.map((worker) => [worker, walletOf(owners.get(worker), unsettled)]));
  const leafOwners = [
    ...new Set([...wallets.values()].flatMap((wallet) => (wallet === null ? [] : leafOwner(wallet)))),
  ];
  return {
    wallets,
    leaves: await openAccounts(client, { asset: "coin", kind: "earner", owners: leafOwners }),
    first: await firstEarnedEpochs(tx, workers),
    left: await leftByWorker(tx, workers),
    banned: await bannedAmong(tx, workers),
  };
}

const openOf = ({ balance, open }: LockedAccount): bigint => (open < 0n ? 0n : open > balance ? balance : open);
const freeOf = (account: LockedAccount): bigint => account.balance - openOf(account);

/** What an answer under way may still give back of the fees stays there. */
function feesToShare({ fees, collected }: ClosingBooks): bigint {
  const part = collected > 0n ? (collected * AVAILABILITY_PERCENT) / 100n : 0n;
  return part < freeOf(fees) ? part : freeOf(fees);
}

/** Leaves are for wallets of the basechain. */
function walletOf(owner: WorkerOwner | undefined, unsettled: ReadonlySet<string>): string | null {
  const wallet = owner?.wallet ?? null;
  return wallet === null || !wallet.startsWith("0:") || unsettled.has(wallet) ? null : wallet;
}

/** Wallets that took another's place so lately that the other one can come back: a leaf could not follow it. */
async function unsettledWallets(tx: Executor, now: Date): Promise<Set<string>> {
  const { rows } = await tx.execute<{ address: string }>(
    sql`select address from wallets where state = 'bound' and replaces is not null and payouts_from > ${now}`,
  );
  return new Set(rows.map(({ address }) => address));
}

/** What the last closing that did something for a worker left on its account. */
async function leftByWorker(tx: Executor, workers: readonly string[]): Promise<Map<string, bigint>> {
  const { rows } = await tx.execute<{ worker: string; held: string }>(
    sql`select w.worker, l.held::text from unnest(${sql.param([...workers])}::text[]) as w(worker)
        cross join lateral (select held from epoch_lines where worker = w.worker order by epoch desc limit 1) l`,
  );
  return new Map(rows.map(({ worker, held }) => [worker, BigInt(held)]));
}

async function bannedAmong(tx: Executor, workers: readonly string[]): Promise<Set<string>> {
  const { rows } = await tx.execute<{ id: string }>(
    sql`select id from workers where banned_at is not null and id = any(${sql.param([...workers])}::text[])`,
  );
  return new Set(rows.map(({ id }) => id));
}

async function sumOfLeaves(tx: Executor): Promise<bigint> {
  const { rows } = await tx.execute<{ total: string }>(
    sql`select coalesce(sum(cumulative), 0)::text as total from epoch_leaves`,
  );
  return BigInt(rows[0]!.total);
}

interface Moving {
  readonly lines: readonly ClosingLine[];
  readonly found: Found;
  readonly number: number;
}

/** Fees → availability → worker → wallet, as far as each is more than nothing; what is forfeited is for refunds. */
async function moveMoney({ client }: OpenTransaction, { lines, found, number }: Moving): Promise<void> {
  const { books, fromFees, leaves } = found;
  const refunds = await openAccount(client, { asset: "coin", kind: "refunds", owner: HOUSE });
  const shared = lines.reduce((sum, { availability }) => sum + availability, 0n);
  const key = (...parts: string[]) => ledgerKey("epoch", number, ...parts);
  const moves: Omit<Move, "verb">[] = [
    {
      key: key("fees"),
      from: books.fees.id,
      to: books.availability.id,
      amount: shared > 0n ? fromFees : 0n,
      kind: "availability_of_fees",
    },
    ...lines.flatMap(({ worker, wallet, availability, released, forfeited }) => {
      const { id } = books.workers.get(worker)!;
      const given = { from: books.availability.id, to: id, amount: availability, kind: "availability" };
      const leaf = wallet === null ? undefined : leaves.get(leafOwner(wallet));
      const moved = leaf === undefined ? [] : [{ from: id, to: leaf, amount: released, kind: "epoch_leaf" }];
      const lost = { from: id, to: refunds, amount: forfeited, kind: "forfeited" };
      return [
        { key: key(worker, "availability"), ...given },
        ...moved.map((move) => ({ key: key(worker), ...move })),
        { key: key(worker, "forfeited"), ...lost },
      ];
    }),
  ];
  const operations = moves.filter(({ amount }) => amount > 0n).map((move): Move => ({ verb: "move", ...move }));
  const outcomes = await applyOperations(client, operations, { halted: false });
  for (const [at, outcome] of outcomes.entries())
    assert(outcome.kind === "done", `epoch ${number}: ${operations[at]!.kind} is ${outcome.kind}`);
}

/** A leaf's account in the ledger. @param wallet  raw, of the basechain */
const leafOwner = (wallet: string): string => `wallet:${wallet.slice(2)}`;

interface Written {
  readonly closing: Closing;
  readonly lines: readonly ClosingLine[];
  readonly found: Found;
  /** Its root goes to the chain; else there is none, and the next one is proposed in its place. */
  readonly isProposed: boolean;
}

async function writeRows(
  { client, tx }: OpenTransaction,
  { closing, lines, found, isProposed }: Written,
): Promise<void> {
  const { running, seen, now } = closing;
  const { number } = running;
  const rows = lines.map(({ worker, wallet, ...amounts }) => ({
    worker,
    wallet,
    ...Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, String(amount)])),
  }));
  await client.query(WRITE_LINES, [number, JSON.stringify(rows)]);
  await client.query(RAISE_LEAVES, [number]);
  const { rows: sums } = await client.query<{ leaves: number; total: string }>(
    "select count(*)::int as leaves, coalesce(sum(cumulative), 0)::text as total from epoch_leaves",
  );
  await tx.insert(epochs).values({
    number,
    chainEpoch: isProposed ? seen.epoch + 1 : seen.epoch,
    state: isProposed ? "closed" : "active",
    closedAt: new Date(seen.nowS * 1_000),
    recordedAt: new Date(now),
    upto: found.books.upto,
    leaves: sums[0]!.leaves,
    total: BigInt(sums[0]!.total),
    availability: lines.reduce((sum, { availability }) => sum + availability, 0n),
  });
}

const WRITE_LINES = `
  insert into epoch_lines (epoch, worker, wallet, earned, availability, released, held)
  select $1, worker, wallet, earned, availability, released, held
  from jsonb_to_recordset($2::jsonb)
    as l(worker text, wallet text, earned bigint, availability bigint, released bigint, held bigint)
  order by worker`;

const RAISE_LEAVES = `
  insert into epoch_leaves as l (wallet, cumulative, epoch)
  select wallet, sum(released), $1 from epoch_lines where epoch = $1 and released > 0 group by wallet order by wallet
  on conflict (wallet) do update set cumulative = l.cumulative + excluded.cumulative, epoch = excluded.epoch`;
