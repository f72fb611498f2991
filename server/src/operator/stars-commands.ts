/** An operator's commands about payments in Telegram Stars. */
import os from "node:os";
import { parseArgs } from "node:util";
import { and, desc, eq, gt, isNull } from "drizzle-orm";
import { pino } from "pino";
import { exactAmount } from "@starai/protocol/amounts";
import { people, starCharges, starOrders, starSubscriptions } from "../db/schema.ts";
import type { StarsContext } from "../stars/context.ts";
import { spendableOf } from "../stars/plan-moves.ts";
import { reconcileStars } from "../stars/reconcile.ts";
import { returnPayment } from "../stars/return-payment.ts";
import { readStanding } from "../stars/star-books.ts";
import type { OperatorCommand, OperatorContext, Say } from "./command.ts";
import { minute, shown } from "./shown.ts";

const HELP = `  stars show PERSON                       balance, debt, subscription, open orders and the latest charges
  stars refund CHARGE --why TEXT [--debt] returns a payment whole; the house bears what was spent of it, or the person with --debt
  stars reconcile [--whole]               compares with Telegram's statement and books what was not heard of

PERSON is a Telegram id, or a person's id. refund and reconcile ask Telegram: set BOT_TOKEN as for the server.
All of them can be repeated: nothing is returned or credited twice.`;
const USAGE = `Write one of these after \`npm run operator --\`:\n\n${HELP}`;

/** A screen; the history in the app has the rest. */
const CHARGES_SHOWN = 20;
const WHY_CHARS_MAX = 200;

export const starsCommands = {
  stars: {
    args: "[show|refund|reconcile …]",
    summary: "payments in Telegram Stars; alone it says how each is written",
    run: runStars,
  },
} satisfies Record<string, OperatorCommand>;

async function runStars(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const [act, ...rest] = words;
  const stars: StarsContext = {
    ...ctx,
    telegram: ctx.telegram ?? null,
    clock: Date.now,
    log: pino({ level: "silent" }),
  };
  if (act === undefined) return say(USAGE);
  if (act === "show") return show(stars, only(rest, "PERSON"), say);
  if (act === "refund") return refund(stars, rest, say);
  if (act === "reconcile") return reconcile(stars, rest, say);
  throw new Error(`There is no "stars ${act.slice(0, 40)}". ${USAGE}`);
}

function only(words: readonly string[], what: string): string {
  const [word, ...more] = words;
  if (word === undefined || more.length > 0) throw new Error(`Write one ${what}. ${USAGE}`);
  return word;
}

async function refund(ctx: StarsContext, words: readonly string[], say: Say): Promise<void> {
  const { positionals, values } = parse(words, { why: { type: "string" }, debt: { type: "boolean" } });
  const charge = only(positionals, "CHARGE");
  const why = typeof values.why === "string" ? values.why.trim() : "";
  if (why === "" || why.length > WHY_CHARS_MAX || /\p{C}/u.test(why))
    throw new Error(`Say why, in one line of at most ${WHY_CHARS_MAX} characters: --why "asked within a day".`);
  const restTo = values.debt === true ? "debt" : "gifts";
  const returned = await returnPayment(ctx, { charge, who: os.userInfo().username, why, restTo });
  const { returnedNow, credited, credits, balance, debt } = returned;
  say(returnedNow ? "Telegram returned the payment." : "This payment had been returned before.");
  say(`Credited for it: ${exactAmount(credited)}. Taken back from the person: ${exactAmount(BigInt(credits))}.`);
  const gift = credited - BigInt(credits);
  if (gift > 0n) say(`Spent already, and borne by the house: ${exactAmount(gift)}.`);
  say(`The person can spend ${exactAmount(BigInt(balance))} and owes ${exactAmount(BigInt(debt))}.`);
}

async function reconcile(ctx: StarsContext, words: readonly string[], say: Say): Promise<void> {
  const { positionals, values } = parse(words, { whole: { type: "boolean" } });
  if (positionals.length > 0) throw new Error(`reconcile takes no names. ${USAGE}`);
  const report = await reconcileStars(ctx, { whole: values.whole === true });
  say(`Looked at ${report.looked} payments and refunds of Telegram's statement.`);
  for (const charge of report.credited) say(`Credited, not heard of before: ${shown(charge)}`);
  for (const charge of report.takenBack) say(`Taken back, not heard of before: ${shown(charge)}`);
  if (report.settled > 0) say(`Debts paid from what had become free: ${report.settled}.`);
  for (const difference of report.differences) say(`DIFFERS: ${shown(difference)}`);
  if (report.differences.length === 0) say("Telegram's statement and the books agree.");
}

async function show(ctx: StarsContext, named: string, say: Say): Promise<void> {
  const person = await findPerson(ctx, named);
  const standing = await readStanding(ctx.pg, person.id);
  say(`Person ${person.id}, Telegram ${person.telegramId}`);
  const { balance, held, owed } = standing;
  const rest = `balance ${exactAmount(balance)}, held ${exactAmount(held)}, owed ${exactAmount(owed)}`;
  say(`Can spend ${exactAmount(spendableOf(standing))} Stars: ${rest}`);
  for (const line of await subscriptionLines(ctx, person.id)) say(line);
  const charges = await ctx.db
    .select()
    .from(starCharges)
    .where(eq(starCharges.person, person.id))
    .orderBy(desc(starCharges.at))
    .limit(CHARGES_SHOWN);
  if (charges.length === 0) say("No payments.");
  for (const { at, direction, stars, credits, subscription, charge } of charges) {
    const kind = subscription ? "subscription" : "pack";
    say(
      `${minute(at)}  ${direction.padEnd(8)}  ${String(stars).padStart(6)} Stars  ${exactAmount(credits).padStart(8)} credits  ${kind}  ${shown(charge)}`,
    );
  }
}

async function subscriptionLines({ db, clock }: StarsContext, person: string): Promise<string[]> {
  const [subscription] = await db.select().from(starSubscriptions).where(eq(starSubscriptions.person, person));
  const open = await db
    .select()
    .from(starOrders)
    .where(and(eq(starOrders.person, person), isNull(starOrders.charge), gt(starOrders.expiresAt, new Date(clock()))))
    .limit(CHARGES_SHOWN);
  const orders = open.map(
    ({ id, kind, stars, expiresAt }) => `Open order ${id}: ${kind} of ${stars}, until ${minute(expiresAt)}`,
  );
  if (subscription === undefined) return orders;
  const { state, stars, paidUntil } = subscription;
  return [`Subscription of ${stars} Stars: ${state}, paid until ${minute(paidUntil)}`, ...orders];
}

async function findPerson(
  { db, pg }: StarsContext,
  named: string,
): Promise<{ id: string; telegramId: number | string }> {
  const isId = /^[0-9a-f-]{36}$/.test(named);
  if (!isId && !/^\d{1,16}$/.test(named)) throw new Error(`"${shown(named)}" is no Telegram id and no person's id.`);
  const [person] = await db
    .select({ id: people.id, telegramId: people.telegramId })
    .from(people)
    .where(isId ? eq(people.id, named) : eq(people.telegramId, Number(named)));
  if (person !== undefined) return person;
  // Who deleted their data is known by their payments alone.
  const { rows } = await pg.query<{ person: string; telegram: string }>(
    `select person, telegram_id::text as telegram from star_charges
      where person is not null and (person::text = $1 or telegram_id::text = $1) order by at desc limit 1`,
    [named],
  );
  const [gone] = rows;
  if (gone === undefined) throw new Error(`Nobody here is ${shown(named)}, and nobody paid under it.`);
  return { id: gone.person, telegramId: `${gone.telegram} (their data is deleted)` };
}

function parse(words: readonly string[], options: Record<string, { type: "string" | "boolean" }>) {
  try {
    return parseArgs({ args: [...words], allowPositionals: true, options });
  } catch {
    throw new Error(USAGE);
  }
}
