/**
 * Slashes: what a stake is disputed for is stored as numbers and ids, and its hash goes on the chain. The publisher's key
 * is not the server's: the operator is told the order. The contributor can appeal (appeal-commands.ts), and the guardian cancel it.
 */
import { parseArgs } from "node:util";
import { Address } from "@ton/core";
import { desc, eq, inArray, sql } from "drizzle-orm";
import { exactAmount } from "@starai/protocol/amounts";
import { attempts, chainHome, contributorStakes, jobs, slashProposals } from "../db/schema.ts";
import { isUuid } from "../ledger/rules/operation.ts";
import { NANO_DECIMALS, named, readAmount } from "./amounts.ts";
import type { OperatorCommand, OperatorContext, Say } from "./command.ts";
import { needMoney } from "./need-money.ts";
import { minute } from "./shown.ts";
import { slashDates, slashHash } from "./slash-facts.ts";

/** Of one slash: more than a person reads. */
const JOBS_MAX = 50;
const REASON_CHARS = { min: 3, max: 300 };
const LISTED_MAX = 50;

export const slashCommands = needMoney({
  slash: {
    args: 'WALLET AMOUNT "REASON" --job ID…',
    summary: "stores what a stake is disputed for, and says how to propose it",
    run: slash,
  },
  slashes: {
    args: "[ID]",
    summary: "slashes proposed here, and what the chain shows of them; ID: one with its evidence and its dates",
    run: slashes,
  },
} satisfies Record<string, OperatorCommand>);

async function slash(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const { wallet, amount, reason, ids } = readSlash(words);
  const [stake] = await ctx.db.select().from(contributorStakes).where(eq(contributorStakes.wallet, wallet));
  const most = stake === undefined ? 0n : stake.stake + stake.unbonding;
  if (amount > most)
    throw new Error(`That wallet has ${named(most, "coin")} at stake, as last seen. Nothing was stored.`);
  const [home] = await ctx.db.select().from(chainHome);
  if (home === undefined)
    throw new Error("This database's money is on no TON network yet: there is no stake to slash. Nothing was stored.");
  const found = await evidenceOf(ctx, wallet, ids);
  const evidence = JSON.stringify({
    wallet,
    amount: String(amount),
    reason,
    // The chain knows it by its hash: no two are alike.
    storedAt: new Date().toISOString(),
    jobs: found,
  });
  const [stored] = await ctx.db
    .insert(slashProposals)
    .values({ wallet, amount, reason, evidence })
    .returning({ id: slashProposals.id });
  say(`Stored as ${stored!.id}, with ${found.length} jobs as evidence. The publisher proposes it by`);
  say(`  ${orderOf({ wallet, amount, evidence }, home)}`);
  say("Nothing is taken before the time for an appeal is over; the guardian cancels it with cancel-slash.");
}

function readSlash(words: readonly string[]): { wallet: string; amount: bigint; reason: string; ids: string[] } {
  const { positionals, values } = parse(words);
  const [address = "", amountText = "", reason = "", ...more] = positionals;
  const ids = (values.job ?? []).map((id) => id.toLowerCase());
  if (more.length > 0 || ids.length === 0 || ids.length > JOBS_MAX || ids.some((id) => !isUuid(id)))
    throw new Error(`Name the wallet, the amount, the reason and 1 to ${JOBS_MAX} jobs: ${USAGE} Nothing was stored.`);
  if (reason.length < REASON_CHARS.min || reason.length > REASON_CHARS.max || /\p{C}/u.test(reason))
    throw new Error(
      `The reason is one line of ${REASON_CHARS.min} to ${REASON_CHARS.max} characters; the contributor reads it. Nothing was stored.`,
    );
  return { wallet: walletOf(address), amount: readAmount(amountText, AMOUNT), reason, ids: [...new Set(ids)] };
}

const AMOUNT = { decimals: NANO_DECIMALS, min: 1n, max: 10n ** 18n, what: "A slash's amount in coins" };
const USAGE = 'npm run operator -- slash WALLET 5 "answers of another model" --job ID --job ID.';

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { job: { type: "string", multiple: true } },
    });
  } catch {
    throw new Error(`The only option is --job, with a job's id: ${USAGE} Nothing was stored.`);
  }
}

function walletOf(text: string): string {
  try {
    return Address.parse(text).toRawString();
  } catch {
    throw new Error(`"${text.slice(0, 80).replaceAll(/\p{C}/gu, "")}" is no address. Nothing was stored.`);
  }
}

/**
 * Who tried each job, how it ended and what was counted: nothing that a person or a machine wrote. A machine is the
 * wallet's now, or was when it did the job, or that wallet was paid for it: whoever gives a machine away answers for what
 * it did for them. What a group did is evidence about each of its machines: who of them it was, the pool cannot tell.
 */
async function evidenceOf({ db }: OperatorContext, wallet: string, ids: readonly string[]) {
  const rows = await db
    .select({
      job: jobs.id,
      model: jobs.model,
      worker: attempts.workerId,
      fence: attempts.fence,
      startedAt: attempts.startedAt,
      endedAt: attempts.endedAt,
      end: attempts.end,
      tokens: attempts.tokens,
      isFalse: attempts.isFalse,
      members: attempts.members,
      isTheirs: sql<boolean>`exists (select from (
          select ${attempts.workerId} as worker
          union select m.worker from jsonb_to_recordset(coalesce(${attempts.members}, '[]')) as m(worker text)
        ) machine where exists (select from worker_bindings b join wallets w on w.person = b.person
          where b.worker = machine.worker and w.address = ${wallet})
        or exists (select from past_owners o where o.worker = machine.worker and o.wallet = ${wallet}
          and ${attempts.startedAt} >= o.since and ${attempts.startedAt} < o.until)
        or ${wallet} = (select l.wallet from epoch_lines l join epochs e on e.number = l.epoch
          where l.worker = machine.worker and l.wallet is not null and e.recorded_at >= ${attempts.startedAt}
          order by l.epoch limit 1))`,
    })
    .from(attempts)
    .innerJoin(jobs, eq(jobs.id, attempts.jobId))
    .where(inArray(jobs.id, [...ids]))
    .orderBy(jobs.id, attempts.fence);
  const theirs = new Set(rows.flatMap(({ job, isTheirs }) => (isTheirs ? [job] : [])));
  const foreign = ids.find((id) => !theirs.has(id));
  if (foreign !== undefined)
    throw new Error(
      `No machine of that wallet worked on the job ${foreign}, as far as it is kept. Nothing was stored.`,
    );
  return rows.map(({ job, model, worker, members, fence, startedAt, endedAt, end, tokens, isFalse }) => ({
    job,
    model,
    worker,
    ...(members !== null && { members: members.map(({ worker: member, layers }) => ({ worker: member, layers })) }),
    fence,
    tokens,
    isFalse,
    // What follows the colon may be a machine's own words.
    end: end?.split(":")[0] ?? null,
    startedAt: startedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  }));
}

async function slashes(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const [word, ...more] = words;
  const id = word?.toLowerCase();
  if (more.length > 0 || (id !== undefined && !isUuid(id)))
    throw new Error("`slashes` takes nothing, or the id of one of them, whose evidence it shows.");
  const rows = await ctx.db
    .select({ slash: slashProposals, stake: contributorStakes })
    .from(slashProposals)
    .leftJoin(contributorStakes, eq(contributorStakes.wallet, slashProposals.wallet))
    .where(id === undefined ? undefined : eq(slashProposals.id, id))
    .orderBy(desc(slashProposals.createdAt), slashProposals.id)
    .limit(LISTED_MAX + 1);
  if (id === undefined) return sayAll(rows, say);
  const [found] = rows;
  if (found === undefined)
    throw new Error(`There is no slash ${id}: \`npm run operator -- slashes\` lists those that were proposed.`);
  sayOne(found, await proposingOrder(ctx, found.slash), say);
}

interface Stored {
  readonly slash: typeof slashProposals.$inferSelect;
  /** Of its wallet, as last seen; null: it never was. */
  readonly stake: typeof contributorStakes.$inferSelect | null;
}

function sayAll(rows: readonly Stored[], say: Say): void {
  if (rows.length === 0) return say("No slash was proposed here.");
  for (const { slash, stake } of rows.slice(0, LISTED_MAX)) {
    say(`${slash.id}  ${minute(slash.createdAt)}  ${named(slash.amount, "coin")}  ${slash.state}: ${slash.reason}`);
    const until = stake?.disputedUntil ? ` until ${minute(stake.disputedUntil)}` : "";
    const seen = stake ? `${named(stake.disputed, "coin")} disputed${until}, seen ${minute(stake.seenAt)}` : "not seen";
    say(`    ${slash.wallet}: ${seen}; evidence ${slashHash(slash.evidence)}`);
  }
  if (rows.length > LISTED_MAX) say(`… and more: these are the last ${LISTED_MAX}.`);
}

/** All that is stored of it. The evidence is said as it is, so that its hash can be computed anew. */
function sayOne(stored: Stored, order: string | null, say: Say): void {
  const { id, wallet, amount, reason, state, evidence, createdAt, shownAt, endedAt } = stored.slash;
  say(`${id}  ${state}`);
  say(`  takes     ${named(amount, "coin")} of ${wallet}`);
  say(`  because   ${reason}`);
  say(`  stored    ${minute(createdAt)} UTC`);
  if (order !== null) say(`  proposed  not yet, as far as the chain shows. The publisher does it by\n    ${order}`);
  if (shownAt !== null) say(`  proposed  the chain showed it on ${minute(shownAt)} UTC for the first time`);
  if (state === "proposed" && shownAt !== null) for (const line of datesOf(stored)) say(`  ${line}`);
  if (endedAt !== null) say(`  ended     ${minute(endedAt)} UTC: ${state}`);
  say(`  evidence  SHA-256 ${slashHash(evidence)}, of this text:`);
  say(evidence.replaceAll(/\p{C}/gu, " "));
}

function datesOf({ slash, stake }: Stored): string[] {
  const dates = slashDates(slash, stake?.disputedUntil ?? null);
  if (dates === null || stake === null) return ["disputed  nothing, when the account was last looked at"];
  const [from, until] = [minute(dates.from), minute(dates.until)];
  return [
    `disputed  ${named(stake.disputed, "coin")} until ${from} UTC: until then the guardian can cancel it, and nobody can execute it`,
    `executed  by anybody from ${from} to ${until} UTC (npm run ton -- execute-slash); after that it is void`,
  ];
}

/** Null: the chain showed it, or it is over. */
async function proposingOrder({ db }: OperatorContext, slash: Stored["slash"]): Promise<string | null> {
  if (slash.shownAt !== null || slash.state !== "proposed") return null;
  const [home] = await db.select().from(chainHome);
  return home === undefined ? null : orderOf(slash, home);
}

type Home = Pick<typeof chainHome.$inferSelect, "networkId" | "distributor">;

/** For the publisher, whose key is not here. */
function orderOf({ wallet, amount, evidence }: NewSlash, { networkId, distributor }: Home): string {
  const owner = Address.parse(wallet).toString({ bounceable: false, testOnly: networkId !== MAINNET });
  return `npm run ton -- propose-slash ${owner} ${exactAmount(amount)} ${slashHash(evidence)} --distributor ${distributor} --network-id=${networkId}`;
}

const MAINNET = -239;
type NewSlash = Pick<Stored["slash"], "wallet" | "amount" | "evidence">;
