/**
 * Slashes: what a stake is disputed for is stored as numbers and ids, and its hash goes on the chain. The publisher's key
 * is not the server's: the operator is told the order. The contributor can appeal, and the guardian cancel it.
 */
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { Address } from "@ton/core";
import { desc, eq, inArray, isNull, sql } from "drizzle-orm";
import { exactAmount } from "@starai/protocol/amounts";
import { appeals, attempts, chainHome, contributorStakes, jobs, slashProposals } from "../db/schema.ts";
import { NANO_DECIMALS, named, readAmount } from "./amounts.ts";
import type { OperatorCommand, OperatorContext, Say } from "./command.ts";
import { needMoney } from "./need-money.ts";

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
  slashes: { args: "", summary: "slashes proposed here, and what the chain shows of them", run: listSlashes },
  appeals: {
    args: "[ID]",
    summary: "what contributors say about slashes and pauses; ID: it is answered",
    run: readAppeals,
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
  const owner = Address.parseRaw(wallet).toString({ bounceable: false, testOnly: home.networkId !== -239 });
  say(`Stored as ${stored!.id}, with ${found.length} jobs as evidence. The publisher proposes it by`);
  say(
    `  npm run ton -- propose-slash ${owner} ${exactAmount(amount)} ${hashOf(evidence)} --distributor ${home.distributor} --network-id=${home.networkId}`,
  );
  say("Nothing is taken before the time for an appeal is over; the guardian cancels it with cancel-slash.");
}

/** The reason that the chain holds. */
const hashOf = (evidence: string): string => createHash("sha256").update(evidence).digest("hex");

function readSlash(words: readonly string[]): { wallet: string; amount: bigint; reason: string; ids: string[] } {
  const { positionals, values } = parse(words);
  const [address = "", amountText = "", reason = "", ...more] = positionals;
  const ids = values.job ?? [];
  if (more.length > 0 || ids.length === 0 || ids.length > JOBS_MAX || ids.some((id) => !UUID.test(id)))
    throw new Error(`Name the wallet, the amount, the reason and 1 to ${JOBS_MAX} jobs: ${USAGE} Nothing was stored.`);
  if (reason.length < REASON_CHARS.min || reason.length > REASON_CHARS.max || /\p{C}/u.test(reason))
    throw new Error(
      `The reason is one line of ${REASON_CHARS.min} to ${REASON_CHARS.max} characters; the contributor reads it. Nothing was stored.`,
    );
  return { wallet: walletOf(address), amount: readAmount(amountText, AMOUNT), reason, ids: [...new Set(ids)] };
}

const AMOUNT = { decimals: NANO_DECIMALS, min: 1n, max: 10n ** 18n, what: "A slash's amount in coins" };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
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

async function listSlashes({ db }: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  if (words.length > 0) throw new Error("`slashes` takes no arguments.");
  const rows = await db
    .select({ slash: slashProposals, stake: contributorStakes })
    .from(slashProposals)
    .leftJoin(contributorStakes, eq(contributorStakes.wallet, slashProposals.wallet))
    .orderBy(desc(slashProposals.createdAt))
    .limit(LISTED_MAX);
  if (rows.length === 0) return say("No slash was proposed here.");
  for (const { slash, stake } of rows) {
    say(`${slash.id}  ${minute(slash.createdAt)}  ${named(slash.amount, "coin")}  ${slash.state}: ${slash.reason}`);
    const until = stake?.disputedUntil ? ` until ${minute(stake.disputedUntil)}` : "";
    const seen = stake ? `${named(stake.disputed, "coin")} disputed${until}, seen ${minute(stake.seenAt)}` : "not seen";
    say(`    ${slash.wallet}: ${seen}; evidence ${hashOf(slash.evidence)}`);
  }
}

async function readAppeals({ db }: OperatorContext, [id, ...more]: readonly string[], say: Say): Promise<void> {
  if (more.length > 0 || (id !== undefined && !UUID.test(id)))
    throw new Error("`appeals` takes nothing, or the id of an appeal that is answered.");
  if (id !== undefined) {
    const answered = await db
      .update(appeals)
      .set({ answeredAt: sql`now()` })
      .where(eq(appeals.id, id))
      .returning();
    if (answered.length === 0) throw new Error(`There is no appeal ${id}.`);
    return say(`${id} is answered.`);
  }
  const rows = await db
    .select()
    .from(appeals)
    .where(isNull(appeals.answeredAt))
    .orderBy(appeals.createdAt)
    .limit(LISTED_MAX);
  if (rows.length === 0) return say("No appeal waits for an answer.");
  for (const { id: appeal, createdAt, person, worker, words } of rows) {
    say(
      `${appeal}  ${minute(createdAt)}  person ${person}${worker === null ? "" : `, machine ${worker.slice(0, 8)}…`}`,
    );
    // Whoever wrote it must not steer a terminal.
    say(`    ${words.replaceAll(/\p{C}/gu, " ")}`);
  }
}

function minute(at: Date): string {
  return at.toISOString().slice(0, 16).replace("T", " ");
}
