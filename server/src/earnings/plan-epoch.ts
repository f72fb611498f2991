/**
 * Begins to close the running epoch: decides what each worker gets and writes it down, in one transaction that keeps no
 * answer waiting. From then on that is what they get, whatever happens meanwhile: what they earn is the next epoch's, and
 * a ban takes what waits from there on.
 */
import { sql } from "drizzle-orm";
import { HOUSE } from "../billing/bill.ts";
import { bannedWhileNew, firstEarnedEpochs, isHeld } from "../billing/held-pay.ts";
import { ledgerKey } from "../billing/ledger-key.ts";
import { Moved } from "../billing/money-transaction.ts";
import type { MoneyTransaction } from "../billing/money-transaction.ts";
import { workerOwners } from "../billing/worker-owners.ts";
import type { WorkerOwner } from "../billing/worker-owners.ts";
import type { Executor } from "../db/executor.ts";
import { epochs } from "../db/schema.ts";
import { applyOperations } from "../ledger/apply-operations.ts";
import { openAccount } from "../ledger/open-account.ts";
import type { Move } from "../ledger/rules/operation.ts";
import { setAsideOwner } from "./closing-accounts.ts";
import { NOTHING, feesCollected, readClosingBooks } from "./closing-books.ts";
import type { Booked, ClosingBooks } from "./closing-books.ts";
import type { SeenDistributor } from "./distributor.ts";
import { lockEpochs } from "./lock-epochs.ts";
import { planClosing } from "./plan-closing.ts";
import type { ClosingLine, Earner } from "./plan-closing.ts";
import { presenceSince } from "./presence.ts";
import { runningEpoch } from "./running-epoch.ts";
import type { RunningEpoch } from "./running-epoch.ts";
import { shareAvailability } from "./share-availability.ts";

/** Of the fees collected in an epoch, the most that is given for being there: 15 %. */
const AVAILABILITY_PERCENT = 15n;
/** Written at once: some megabyte. */
const LINES_WRITTEN_AT_ONCE = 5_000;

interface OpenTransaction extends Pick<MoneyTransaction, "client"> {
  readonly tx: Executor;
}

export interface Planned {
  readonly number: number;
  /** What leaves are to grow by. */
  readonly released: bigint;
}

/**
 * Why no epoch was closed: it is too early, the one before is still on its way, the endpoint does not know of it yet,
 * another root is pending, or nothing is to be released and no new machine's pay waits for epochs to go by.
 */
export type NotClosed = "early" | "on_its_way" | "behind" | "another_root" | "nothing";

export interface ClosingTimes {
  /** An operator's word: the leaves of a dropped epoch are proposed anew, at once. */
  readonly again: boolean;
  /** By this server's clock, ms. */
  readonly now: number;
  /** As `lastOfFees` said before the transaction began. */
  readonly upto: number;
}

/** Of the running epoch, or of the one whose closing broke off; that one is gone on with by the timer's closings only. */
export async function planEpoch(
  open: OpenTransaction,
  seen: SeenDistributor,
  times: ClosingTimes,
): Promise<Planned | NotClosed> {
  await lockEpochs(open.client);
  const running = await runningEpoch(open.tx);
  const { last } = running;
  if (last?.state === "closing") return times.again ? "on_its_way" : { number: last.number, released: 0n };
  return whyNot(running, seen, times.again) ?? plan(open, { ...times, running, seen });
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

interface Closing extends ClosingTimes {
  readonly running: RunningEpoch;
  readonly seen: SeenDistributor;
}

async function plan(open: OpenTransaction, closing: Closing): Promise<Planned | NotClosed> {
  const { running, seen, again } = closing;
  const { number } = running;
  const found = await findEarners(open, closing);
  const leaves = await readLeaves(open.tx);
  const lines = planClosing(found.earners, seen.totalCum + seen.epochCap - leaves.total);
  const released = lines.reduce((sum, line) => sum + line.released, 0n);
  const waits = found.earners.some(waitsForEpochs);
  const isDropped = running.published?.state === "dropped";
  const forChain = released > 0n || ((again || (waits && isDropped)) && leaves.total > 0n);
  // What there is to share waits for somebody to have it, too.
  if (!forChain && !waits) return "nothing";
  const availability = lines.reduce((sum, line) => sum + line.availability, 0n);
  await open.tx.insert(epochs).values({
    number,
    chainEpoch: forChain ? seen.epoch + 1 : seen.epoch,
    state: "closing",
    forChain,
    closedAt: new Date(seen.nowS * 1_000),
    recordedAt: new Date(closing.now),
    upto: closing.upto,
    availability,
    // As before it; they grow with the lines.
    leaves: leaves.count,
    total: leaves.total,
  });
  await writeLines(open, number, lines);
  // Last, as answers' ends wait for these accounts.
  await setAside(open, { number, fromFees: found.fromFees, shared: availability });
  return { number, released };
}

/** A new machine's pay waits until epochs are closed, and what a banned one lost until the next is: they are, though nothing is released. */
const waitsForEpochs = ({ isHeld: isNew, isForfeited, due, open, availability }: Earner): boolean =>
  isForfeited ? due > 0n : isNew && due + open + availability > 0n;

interface Found {
  readonly earners: readonly Earner[];
  /** Of what is shared, what comes out of fees. */
  readonly fromFees: bigint;
}

async function findEarners(
  { client, tx }: OpenTransaction,
  { running, now, upto }: Pick<Closing, "running" | "now" | "upto">,
): Promise<Found> {
  const present = await presenceSince(tx, running.last?.recordedAt ?? null, new Date(now));
  const staked = [...(await workerOwners(tx, [...present.keys()]))].filter(([, { stake }]) => stake > 0n);
  const books = await readClosingBooks(client);
  const collected = staked.length === 0 ? 0n : await feesCollected(client, { since: running.last?.upto ?? 0, upto });
  const fromFees = feesToShare(books, collected);
  const shares = shareAvailability(
    fromFees + freeOf(books.availability),
    staked.map(([worker, { stake }]) => ({ worker, stake, seconds: present.get(worker)! })),
  );
  const workers = [...new Set([...staked.map(([worker]) => worker), ...books.workers.keys()])];
  const known = await knownOf(tx, workers, new Date(now));
  const earners = workers.map((worker) => {
    const booked = books.workers.get(worker) ?? NOTHING;
    return {
      worker,
      due: freeOf(booked),
      open: openOf(booked),
      availability: shares.get(worker) ?? 0n,
      isForfeited: known.forfeited.has(worker),
      left: known.left.get(worker) ?? 0n,
      wallet: known.wallets.get(worker) ?? null,
      // One that was never paid for a job is new, whatever it gets for being there.
      isHeld: isHeld(known.first.get(worker) ?? running.number, running.number),
    };
  });
  return { earners, fromFees };
}

/** What decides about workers' pay, apart from the books. */
async function knownOf(tx: Executor, workers: readonly string[], now: Date) {
  const [owners, unsettled] = [await workerOwners(tx, workers), await unsettledWallets(tx, now)];
  return {
    wallets: new Map(workers.map((worker) => [worker, walletOf(owners.get(worker), unsettled)])),
    first: await firstEarnedEpochs(tx, workers),
    left: await leftByWorker(tx, workers),
    forfeited: await bannedWhileNew(tx, workers),
  };
}

const openOf = ({ balance, open }: Booked): bigint => (open < 0n ? 0n : open > balance ? balance : open);
const freeOf = (booked: Booked): bigint => booked.balance - openOf(booked);

/** What an answer under way may still give back of the fees stays there. */
function feesToShare({ fees }: ClosingBooks, collected: bigint): bigint {
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

async function readLeaves(tx: Executor): Promise<{ count: number; total: bigint }> {
  const { rows } = await tx.execute<{ count: number; total: string }>(
    sql`select count(*)::int as count, coalesce(sum(cumulative), 0)::text as total from epoch_leaves`,
  );
  return { count: rows[0]!.count, total: BigInt(rows[0]!.total) };
}

const WRITE_LINES = `
  insert into epoch_lines (epoch, worker, wallet, earned, availability, released, forfeited, held, to_move)
  select $1, worker, wallet, earned, availability, released, forfeited, held, true
  from jsonb_to_recordset($2::jsonb) as l(
    worker text, wallet text, earned bigint, availability bigint, released bigint, forfeited bigint, held bigint)
  order by worker`;

const asText = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);

async function writeLines({ client }: OpenTransaction, epoch: number, lines: readonly ClosingLine[]): Promise<void> {
  for (let at = 0; at < lines.length; at += LINES_WRITTEN_AT_ONCE)
    await client.query(WRITE_LINES, [epoch, JSON.stringify(lines.slice(at, at + LINES_WRITTEN_AT_ONCE), asText)]);
}

interface SetAside {
  readonly number: number;
  readonly fromFees: bigint;
  readonly shared: bigint;
}

/** What is given for being there leaves the house's accounts at once, so that nothing else can take it. @throws Moved */
async function setAside({ client }: OpenTransaction, { number, fromFees, shared }: SetAside): Promise<void> {
  if (shared === 0n) return;
  const account = (kind: "fees" | "availability", owner = HOUSE) => openAccount(client, { asset: "coin", kind, owner });
  const [fees, availability, aside] = [
    await account("fees"),
    await account("availability"),
    await account("availability", setAsideOwner(number)),
  ];
  const key = (what: string) => ledgerKey("epoch", number, what);
  const moves: Omit<Move, "verb">[] = [
    { key: key("fees"), from: fees, to: availability, amount: fromFees, kind: "availability_of_fees" },
    { key: key("shared"), from: availability, to: aside, amount: shared, kind: "availability_shared" },
  ];
  const operations = moves.filter(({ amount }) => amount > 0n).map((move): Move => ({ verb: "move", ...move }));
  const outcomes = await applyOperations(client, operations, { halted: false });
  if (outcomes.some(({ kind }) => kind !== "done")) throw new Moved("the fees were moved elsewhere meanwhile");
}
