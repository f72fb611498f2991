/** Deletes everything a person has here, after they said what becomes of their money. */
import { and, eq, sql } from "drizzle-orm";
import { endPayments, giveUpBalances } from "../account/give-up.ts";
import { leftEscrowOf, sentenceOfEscrow } from "../account/left-escrow.ts";
import { onTheWay, sentenceOfLeft, sentenceOfWay, whatIsLeft } from "../account/what-is-left.ts";
import { moneyTransaction } from "../billing/money-transaction.ts";
import type { MoneyTransaction } from "../billing/money-transaction.ts";
import type { AppContext } from "../context.ts";
import { jobs, people, threads } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { revokeAll } from "../sessions/end-sessions.ts";
import { keepFreeAnswers } from "../sessions/returning-person.ts";
import { cancelSubscription } from "../stars/subscriptions.ts";
import { ended, forgetRuns, ownerOfJobs, runsOf } from "./delete-thread.ts";
import type { GoneRun } from "./delete-thread.ts";
import type { Owner } from "./own-thread.ts";

/** What the person said about money and keys that they still have: nothing, or that they give it up. */
export interface Leaving {
  readonly givesUp: boolean;
}

/**
 * Deletes the person, their conversations in any chat, their sessions and their jobs in the pool. Groups lose the
 * threads this person began. Messages in Telegram itself are not ours to delete; books, bills and receipts hold no
 * texts and stay, as somebody's who is gone.
 * @throws Refusal `conflict` with what they still have, where they did not give it up (`param` is `money`, or `escrow`
 *   where it is only what stays theirs on the chain), or with withdrawals under way (`payouts`); then nothing was deleted
 */
export async function deletePerson(ctx: AppContext, owner: Owner, leaving: Leaving): Promise<void> {
  // Telegram is asked first: a subscription that goes on would take Stars from somebody we do not know any more.
  if (leaving.givesUp && (await onTheWay(ctx.db, owner.id)) === 0n) await endSubscription(ctx, owner.id);
  const { gone, sessions } = await moneyTransaction(ctx.pg, (open) => deleteRows(ctx, open, { owner, leaving }));
  ctx.apiKeys.forget({ owner: owner.id });
  await forgetRuns(ctx, owner, gone);
  await ctx.db.delete(jobs).where(and(eq(jobs.owner, ownerOfJobs(owner)), ended));
  for (const session of sessions) ctx.streams.signOut(session);
  if (leaving.givesUp) await giveUpTheRest(ctx, owner);
}

/** The same by the bot's id of the person; does nothing for an unknown person. */
export async function deletePersonOfTelegram(ctx: AppContext, telegramId: number, leaving: Leaving): Promise<void> {
  const [person] = await ctx.db.select({ id: people.id }).from(people).where(eq(people.telegramId, telegramId));
  if (person) await deletePerson(ctx, { id: person.id, telegramId }, leaving);
}

async function endSubscription(ctx: AppContext, person: string): Promise<void> {
  const left = await whatIsLeft(ctx.db, { person, now: ctx.clock() });
  if (left?.subscription != null) await cancelSubscription(ctx, person);
}

interface Deleted {
  readonly gone: GoneRun[];
  readonly sessions: string[];
}

async function deleteRows(
  ctx: AppContext,
  { client, tx }: MoneyTransaction,
  { owner, leaving }: { owner: Owner; leaving: Leaving },
): Promise<Deleted> {
  const [person] = await tx
    .select({
      telegramId: people.telegramId,
      language: sql<string>`coalesce(${people.chosenLanguage}, ${people.language})`,
    })
    .from(people)
    .where(eq(people.id, owner.id))
    .for("update");
  if (person === undefined) return { gone: [], sessions: [] };
  const words = { language: person.language, coin: ctx.config.coin, withdraws: ctx.ton.chain !== null };
  const paid = await onTheWay(tx, owner.id);
  if (paid > 0n) throw new Refusal("conflict", sentenceOfWay(paid, words), { param: "payouts" });
  if (!leaving.givesUp) await askFirst(tx, { person: owner.id, words, now: ctx.clock() });
  const gone = await runsOf(tx, eq(threads.personId, owner.id));
  const sessions = await revokeAll(tx, owner.id);
  await endPayments(tx, owner.id);
  await keepFreeAnswers(tx, { person: owner.id, telegramId: person.telegramId });
  await tx.delete(people).where(eq(people.id, owner.id));
  if (leaving.givesUp) await giveUpBalances({ ledger: ctx.ledger, client }, { person: owner.id, time: "deleted" });
  return { gone, sessions };
}

/** @throws Refusal `conflict` with what they still have here, and the escrow that stays theirs */
async function askFirst(
  tx: MoneyTransaction["tx"],
  { person, words, now }: { person: string; words: Parameters<typeof sentenceOfLeft>[1]; now: number },
): Promise<void> {
  const left = await whatIsLeft(tx, { person, now });
  const escrow = await leftEscrowOf(tx, person);
  if (left === null && escrow === null) return;
  const sentences = [
    ...(left === null ? [] : [sentenceOfLeft(left, words)]),
    ...(escrow === null ? [] : [sentenceOfEscrow(escrow, { ...words, alone: left === null })]),
  ];
  throw new Refusal("conflict", sentences.join(" "), { param: left === null ? "escrow" : "money" });
}

/** What an answer that was stopped by the deletion gave back. Where that fails it stays, as money that nobody claims. */
async function giveUpTheRest(ctx: AppContext, { id: person }: Owner): Promise<void> {
  await moneyTransaction(ctx.pg, ({ client }) =>
    giveUpBalances({ ledger: ctx.ledger, client }, { person, time: "afterwards" }),
  ).catch((error: unknown) =>
    ctx.log.warn({ err: error }, "the rest of a balance that was given up stays where it is"),
  );
}
