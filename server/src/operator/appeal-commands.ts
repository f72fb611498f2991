/**
 * What contributors write to the operator, and the operator's replies, which the bot brings them. A reply is kept as what
 * the bot has to tell and nowhere else, so that it is gone with the person.
 */
import { createHash } from "node:crypto";
import { and, eq, isNull, sql } from "drizzle-orm";
import { APPEAL_REPLY_CHARS } from "@starai/protocol/notices";
import { appeals, notices } from "../db/schema.ts";
import { isUuid } from "../ledger/rules/operation.ts";
import { storeNotice } from "../notices/store-notice.ts";
import type { OperatorCommand, OperatorContext, Say } from "./command.ts";
import { needMoney } from "./need-money.ts";
import { minute } from "./shown.ts";

const LISTED_MAX = 50;

export const appealCommands = needMoney({
  "appeal reply": {
    args: 'ID "TEXT"',
    summary: "answers what a contributor wrote: the bot brings them the text, each text once",
    run: reply,
  },
  appeals: {
    args: "[ID]",
    summary: "what contributors say about slashes and pauses; ID: it is answered",
    run: readAppeals,
  },
} satisfies Record<string, OperatorCommand>);

async function reply({ db }: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const { id, text } = readReply(words);
  const sent = await db.transaction(async (tx) => {
    // Two operators' replies come one after the other.
    const [appeal] = await tx.select().from(appeals).where(eq(appeals.id, id)).for("update");
    if (appeal === undefined)
      throw new Error(`There is no appeal ${id}, or whoever wrote it is gone: nobody was told anything.`);
    const event = eventOf(id, text);
    const [before] = await tx.select({ at: notices.createdAt }).from(notices).where(eq(notices.event, event));
    if (before !== undefined) return `This very reply was stored on ${minute(before.at)} UTC: it is not told twice.`;
    const params = { kind: "appeal_answered", note: appeal.words, reply: text } as const;
    await storeNotice(tx, { event, person: appeal.person, params });
    await tx
      .update(appeals)
      .set({ answeredAt: appeal.answeredAt ?? sql`now()` })
      .where(eq(appeals.id, id));
    return appeal.answeredAt === null
      ? `${id} is answered: the bot brings the reply within a minute.`
      : `${id} was answered on ${minute(appeal.answeredAt)} UTC; the bot brings this reply, too, within a minute.`;
  });
  say(sent);
}

/** Of a reply: another text is another reply, the same one is told once. */
const eventOf = (appeal: string, text: string): string =>
  `appeal ${appeal} reply ${createHash("sha256").update(text).digest("hex")}`;

function readReply([named = "", text = "", ...more]: readonly string[]): { id: string; text: string } {
  const id = named.toLowerCase();
  if (!isUuid(id) || more.length > 0)
    throw new Error('Write it as in: appeal reply ID "We looked at it: …". Nobody was told anything.');
  const { min, max } = APPEAL_REPLY_CHARS;
  if (text.trim().length < min || text.length > max || /\p{C}/u.test(text))
    throw new Error(`A reply is one line of ${min} to ${max} characters. Nobody was told anything.`);
  return { id, text: text.trim() };
}

async function readAppeals({ db }: OperatorContext, [named, ...more]: readonly string[], say: Say): Promise<void> {
  const id = named?.toLowerCase();
  if (more.length > 0 || (id !== undefined && !isUuid(id)))
    throw new Error("`appeals` takes nothing, or the id of an appeal that is answered.");
  if (id !== undefined) {
    const answered = await db
      .update(appeals)
      .set({ answeredAt: sql`now()` })
      .where(and(eq(appeals.id, id), isNull(appeals.answeredAt)))
      .returning();
    if (answered.length > 0) return say(`${id} is answered.`);
    if ((await db.$count(appeals, eq(appeals.id, id))) === 0) throw new Error(`There is no appeal ${id}.`);
    return say(`${id} was answered before.`);
  }
  const rows = await db
    .select()
    .from(appeals)
    .where(isNull(appeals.answeredAt))
    .orderBy(appeals.createdAt)
    .limit(LISTED_MAX + 1);
  if (rows.length === 0) return say("No appeal waits for an answer.");
  for (const { id: appeal, createdAt, person, worker, words } of rows.slice(0, LISTED_MAX)) {
    say(
      `${appeal}  ${minute(createdAt)}  person ${person}${worker === null ? "" : `, machine ${worker.slice(0, 8)}…`}`,
    );
    // Whoever wrote it must not steer a terminal.
    say(`    ${words.replaceAll(/\p{C}/gu, " ")}`);
  }
  if (rows.length > LISTED_MAX) say(`… and more: these ${LISTED_MAX} wait longest.`);
  say('`npm run operator -- appeal reply ID "…"` answers one; `appeals ID` says that one is answered without a reply.');
}
