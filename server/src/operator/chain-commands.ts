/** Money on TON: the comparison with the chain, deposits that wait, and whose they are. */
import { and, asc, desc, eq, inArray } from "drizzle-orm";
import { exactAmount } from "@starai/protocol/amounts";
import { creditChecked, doubtDeposit } from "../deposits/check-large.ts";
import { creditDeposits } from "../deposits/credit-waiting.ts";
import { chainTransactions, depositClaims, deposits } from "../db/schema.ts";
import { isUuid } from "../ledger/rules/operation.ts";
import { act, readActWords } from "./act.ts";
import type { Acting } from "./act.ts";
import { named } from "./amounts.ts";
import { chainReport } from "./chain-report.ts";
import type { OperatorCommand, OperatorContext, Say } from "./command.ts";
import { findPerson } from "./find-person.ts";
import { needMoney } from "./need-money.ts";
import { minute, shown } from "./shown.ts";

/** A few screens. */
const LISTED_MAX = 100;
const JETTONS_MAX = 20;

export const chainCommands = needMoney({
  "chain unmatched": {
    args: "",
    summary: "deposits that are nobody's or being checked, what people say of them, and other tokens",
    run: unmatched,
  },
  chain: {
    args: "",
    summary: "what the chain and the books say; ends with 1 where they differ or coins are missing",
    run: compare,
  },
  "deposit assign": { args: "DEPOSIT PERSON WHY", summary: "credits an unmatched deposit to a person", run: assign },
  "deposit confirm": { args: "DEPOSIT WHY", summary: "credits a large deposit that is being checked", run: confirm },
  "deposit doubt": { args: "DEPOSIT WHY", summary: "makes one that is being checked nobody's again", run: doubt },
  "claim refuse": { args: "CLAIM WHY", summary: "closes what somebody said of a deposit", run: refuse },
} satisfies Record<string, OperatorCommand>);

async function compare(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  if (words.length > 0) throw new Error("`chain` takes no arguments: npm run operator -- chain, or chain unmatched");
  await chainReport(ctx, say);
}

async function unmatched({ db }: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  if (words.length > 0) throw new Error("`chain unmatched` takes no arguments: npm run operator -- chain unmatched");
  const waiting = await db
    .select()
    .from(deposits)
    .where(inArray(deposits.state, ["unmatched", "checking"]))
    .orderBy(asc(deposits.at))
    .limit(LISTED_MAX);
  if (waiting.length === 0) say("No deposit waits.");
  for (const { id, at, amount, state, person, sender, comment, hash } of waiting) {
    const whose = person === null ? "" : ` for person ${person}`;
    say(`${id}  ${minute(at)}  ${exactAmount(amount)}  ${state}${whose}  from ${sender}`);
    say(`    transaction ${hash.toString("hex")}${comment === null ? "" : `, comment: ${shown(comment)}`}`);
  }
  for (const { at, hash } of await jettons(db))
    say(
      `Another token (jetton) arrived ${minute(at)}, transaction ${hash.toString("hex")}: it is nobody's coins. The keepers can send it back.`,
    );
  const claims = await db
    .select()
    .from(depositClaims)
    .where(eq(depositClaims.state, "open"))
    .orderBy(asc(depositClaims.createdAt))
    .limit(LISTED_MAX);
  for (const { id, person, words: said, deposit, createdAt } of claims) {
    const which = deposit === null ? "" : `, of deposit ${deposit}`;
    say(`Claim ${id}  ${minute(createdAt)}  person ${person}${which}: ${shown(said)}`);
  }
}

/** The latest, for their transaction says what became of them. */
function jettons(db: OperatorContext["db"]) {
  const { at, hash, kind, lt, role } = chainTransactions;
  return db
    .select({ at, hash })
    .from(chainTransactions)
    .where(and(eq(role, "deposits"), eq(kind, "jetton")))
    .orderBy(desc(lt))
    .limit(JETTONS_MAX);
}

async function assign(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const { words: asked, who, why } = readActWords(words, ctx.user);
  const [id, whose, ...more] = asked;
  if (id === undefined || whose === undefined || more.length > 0)
    throw new Error("Write it as in: deposit assign DEPOSIT 123456789 --why … Nothing was changed.");
  say(
    await act(ctx, { who, why, verb: "deposit assign" }, async (acting) => {
      const person = await findPerson(acting, whose);
      const deposit = await lockDeposit(acting, id);
      if (deposit.state === "credited" && deposit.person === person)
        return { params: null, said: "This deposit is theirs already. Nothing was changed." };
      if (deposit.state !== "unmatched")
        throw new Error(
          `This deposit is ${deposit.state}, and only an unmatched one can be assigned. Nothing was changed.`,
        );
      await creditDeposits({ client: acting.client, tx: acting.db }, [deposit], { person, how: "claim" });
      const decided = { state: "accepted", decidedAt: new Date() } as const;
      const theirs = and(
        eq(depositClaims.deposit, id),
        eq(depositClaims.person, person),
        eq(depositClaims.state, "open"),
      );
      await acting.db.update(depositClaims).set(decided).where(theirs);
      return credited(deposit, person);
    }),
  );
}

async function confirm(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const { words: asked, who, why } = readActWords(words, ctx.user);
  const [id, ...more] = asked;
  if (id === undefined || more.length > 0)
    throw new Error("Write it as in: deposit confirm DEPOSIT --why … Nothing was changed.");
  say(
    await act(ctx, { who, why, verb: "deposit confirm" }, async (acting) => {
      const deposit = await lockDeposit(acting, id);
      if (deposit.state === "credited") return { params: null, said: "It is credited already. Nothing was changed." };
      const person = personChecked(deposit);
      if (await creditChecked({ client: acting.client, tx: acting.db }, deposit)) return credited(deposit, person);
      const said = `Person ${person} is gone. Nobody was credited: the deposit is unmatched now, and \`deposit assign\` gives it to somebody.`;
      return { params: { deposit: id, person: null }, said };
    }),
  );
}

async function doubt(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const { words: asked, who, why } = readActWords(words, ctx.user);
  const [id, ...more] = asked;
  if (id === undefined || more.length > 0)
    throw new Error("Write it as in: deposit doubt DEPOSIT --why … Nothing was changed.");
  say(
    await act(ctx, { who, why, verb: "deposit doubt" }, async (acting) => {
      const person = personChecked(await lockDeposit(acting, id));
      await doubtDeposit(acting.db, id);
      const said = `Nobody was credited, and no money was moved: the deposit is unmatched now, and is not checked any more. \`deposit assign\` would still give it to person ${person}.`;
      return { params: { deposit: id, person }, said };
    }),
  );
}

/** @throws a sentence where it is not being checked */
function personChecked({ state, person }: DepositRow): string {
  if (state !== "checking" || person === null)
    throw new Error(`This deposit is ${state}, and is not being checked. Nothing was changed.`);
  return person;
}

async function refuse(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const { words: asked, who, why } = readActWords(words, ctx.user);
  const [id, ...more] = asked;
  if (id === undefined || !isUuid(id) || more.length > 0)
    throw new Error("Write it as in: claim refuse CLAIM --why … Nothing was changed.");
  say(
    await act(ctx, { who, why, verb: "claim refuse" }, async ({ db }) => {
      const closed = await db
        .update(depositClaims)
        .set({ state: "refused", decidedAt: new Date() })
        .where(and(eq(depositClaims.id, id), eq(depositClaims.state, "open")))
        .returning({ id: depositClaims.id });
      if (closed.length === 0) throw new Error("No such claim is open. Nothing was changed.");
      return { params: { claim: id }, said: "The claim is closed. No money was moved." };
    }),
  );
}

type DepositRow = typeof deposits.$inferSelect;

async function lockDeposit({ db }: Acting, id: string): Promise<DepositRow> {
  const [row] = isUuid(id) ? await db.select().from(deposits).where(eq(deposits.id, id)).for("update") : [];
  if (row === undefined)
    throw new Error(
      `There is no deposit "${shown(id)}": \`npm run operator -- chain unmatched\` lists them. Nothing was changed.`,
    );
  return row;
}

function credited({ id, amount }: DepositRow, person: string) {
  const params = { deposit: id, person, amount: String(amount) };
  return { params, said: `${named(amount, "coin")} were credited to person ${person}; the bot tells them.` };
}
