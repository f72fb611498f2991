/** What an epoch's closing did for each worker, and why what was not released waits or was taken. */
import { eq } from "drizzle-orm";
import { EARNING_TERMS } from "@starai/protocol/contributor";
import { isHeld } from "../billing/held-pay.ts";
import { epochs } from "../db/schema.ts";
import type { EpochRow } from "../earnings/running-epoch.ts";
import { named } from "./amounts.ts";
import type { OperatorContext, Say } from "./command.ts";
import { minute, shown } from "./shown.ts";

/** A few screens: the largest amounts. */
const LINES_MAX = 200;
const NUMBER = /^[1-9]\d{0,8}$/;

/** @throws a sentence where there is no such epoch */
export async function listLines(ctx: OperatorContext, text: string, say: Say): Promise<void> {
  const [epoch] = NUMBER.test(text)
    ? await ctx.db
        .select()
        .from(epochs)
        .where(eq(epochs.number, Number(text)))
    : [];
  if (epoch === undefined)
    throw new Error(
      `No epoch "${shown(text).slice(0, 40)}" was closed here: \`npm run operator -- epochs\` lists those that were.`,
    );
  const sums = await readSums(ctx, epoch.number);
  say(sumsLine(epoch, sums));
  for (const line of await readLines(ctx, epoch.number)) {
    say(`${line.worker}  ${shown(line.name ?? "never given work")}`);
    say(`    ${amountsOf(line)}`);
    const remarks = remarksOn(line, epoch.number);
    if (remarks.length > 0) say(`    ${remarks.join("; ")}`);
  }
  const more = sums.workers - LINES_MAX;
  if (more > 0) say(`… and ${more} more: these are the ${LINES_MAX} with the largest amounts.`);
}

interface Amounts {
  readonly earned: bigint;
  readonly availability: bigint;
  readonly released: bigint;
  readonly forfeited: bigint;
  readonly held: bigint;
}
type Texts = Record<keyof Amounts, string>;

const amounts = ({ earned, availability, released, forfeited, held }: Texts): Amounts => ({
  earned: BigInt(earned),
  availability: BigInt(availability),
  released: BigInt(released),
  forfeited: BigInt(forfeited),
  held: BigInt(held),
});

interface Sums extends Amounts {
  readonly workers: number;
  /** Written, and neither in the books nor in a leaf yet. */
  readonly toMove: number;
}

async function readSums({ pg }: Pick<OperatorContext, "pg">, epoch: number): Promise<Sums> {
  const { rows } = await pg.query<Texts & { workers: number; to_move: number }>(
    `select count(*)::int as workers, count(*) filter (where to_move)::int as to_move,
       coalesce(sum(earned), 0)::text as earned, coalesce(sum(availability), 0)::text as availability,
       coalesce(sum(released), 0)::text as released, coalesce(sum(forfeited), 0)::text as forfeited,
       coalesce(sum(held), 0)::text as held
     from epoch_lines where epoch = $1`,
    [epoch],
  );
  const { workers, to_move: toMove, ...texts } = rows[0]!;
  return { workers, toMove, ...amounts(texts) };
}

function sumsLine({ number, state, closedAt }: EpochRow, { workers, toMove, ...sums }: Sums): string {
  const moving = toMove === 0 ? "" : `, ${toMove} of them still to be moved`;
  return `Epoch ${number}, ${state}, closed ${minute(closedAt)}: ${workers} workers${moving}; ${amountsOf(sums)}`;
}

function amountsOf({ earned, availability, released, forfeited, held }: Amounts): string {
  const parts = [
    `earned ${named(earned, "coin")}`,
    `for being there ${named(availability, "coin")}`,
    `to leaves ${named(released, "coin")}`,
    ...(forfeited === 0n ? [] : [`taken for refunds ${named(forfeited, "coin")}`]),
    `waits ${named(held, "coin")}`,
  ];
  return parts.join(", ");
}

interface Line extends Amounts {
  readonly worker: string;
  /** Chosen by the worker; null: it was never given work. */
  readonly name: string | null;
  /** Whose leaf it went to. */
  readonly wallet: string | null;
  readonly toMove: boolean;
  /** The epoch that ran at its first credit note; null: it never had one. */
  readonly first: number | null;
  /** Now, which may be later than the epoch. */
  readonly isPaired: boolean;
  readonly hasWallet: boolean;
}

async function readLines({ pg }: Pick<OperatorContext, "pg">, epoch: number): Promise<Line[]> {
  const { rows } = await pg.query<Texts & Omit<Line, keyof Amounts>>(
    `select l.worker, w.name, l.wallet, l.to_move as "toMove", l.earned::text as earned,
       l.availability::text as availability, l.released::text as released, l.forfeited::text as forfeited,
       l.held::text as held,
       (select min(first_epoch) from credit_totals t where t.worker = l.worker) as first,
       coalesce(b.person is not null, false) as "isPaired",
       exists (select from wallets o where o.person = b.person and o.state = 'bound') as "hasWallet"
     from epoch_lines l left join workers w on w.id = l.worker left join worker_bindings b on b.worker = l.worker
     where l.epoch = $1 order by l.released + l.forfeited + l.held desc, l.worker limit ${LINES_MAX}`,
    [epoch],
  );
  return rows.map((row) => ({ ...row, ...amounts(row) }));
}

/** Whose leaf it went to, and why the rest did not. What is not kept of the closing is told as it is now. */
function remarksOn(line: Line, epoch: number): string[] {
  return [
    ...(line.toMove ? ["not moved yet: the closing is under way, or broke off"] : []),
    ...(line.wallet === null ? [] : [`the leaf is of ${line.wallet}`]),
    ...(line.forfeited > 0n ? ["banned while it was new: what waited goes to refunds"] : []),
    ...(line.held > 0n ? [whyHeld(line, epoch)] : []),
  ];
}

function whyHeld({ first, wallet, forfeited, isPaired, hasWallet }: Line, epoch: number): string {
  const underWay = "an answer under way may still take back what waits";
  if (forfeited > 0n) return underWay;
  if (isHeld(first ?? epoch, epoch))
    return first === null
      ? "it waits because the machine is new: it was never paid for a job"
      : `it waits because the machine is new: the closing of epoch ${first + EARNING_TERMS.heldEpochs} releases it`;
  if (wallet === null && !isPaired) return "it waits for an owner: the machine is paired with nobody now";
  if (wallet === null && !hasWallet) return "it waits for a wallet: the owner has none now";
  const others = wallet === null ? ", or the owner's wallet was changed too lately" : "";
  return `${underWay}, or the leaves could not grow by more in this epoch${others}: the next closing looks again`;
}
