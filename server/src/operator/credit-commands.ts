/**
 * House money: given to a person, or set aside for promotions and for the float.
 *
 * A person's credit is paid from `refunds` where that has enough: it holds what was taken from false work. Else the house
 * gives it: coins come from its `own` at the hot wallet, and Stars from the house's `gifts`, because `telegram_stars` says
 * what Telegram itself received, and must keep adding up with Telegram's statement.
 */
import { personOwner } from "../billing/bill.ts";
import { ownMoney } from "../chain/reading.ts";
import { openAccount } from "../ledger/open-account.ts";
import type { AccountKind, Asset } from "../ledger/rules/account-kinds.ts";
import { act, readActWords } from "./act.ts";
import type { Acting } from "./act.ts";
import { NANO_DECIMALS, named, readAmount } from "./amounts.ts";
import type { OperatorCommand, OperatorContext, Say } from "./command.ts";
import { findPerson } from "./find-person.ts";
import { needMoney } from "./need-money.ts";
import { actKey, doneBefore, houseAccount, post, sentenceOfBefore } from "./post.ts";
import { readSettings } from "./settings.ts";

/** In nano units: 10,000 Stars, 100 coins. More is a typing error, or can be given in parts. */
const CREDIT_MAX = { stars: 10_000_000_000_000n, coin: 100_000_000_000n } as const satisfies Record<Asset, bigint>;
/** 10,000 coins. */
const FUND_MAX = 10_000_000_000_000n;

const HOUSES_COINS = ownMoney("hot");
const CHAIN_FOLLOWS =
  "The books say that the house put this in. No coin was moved on the chain: below zero (operator chain), the house owes it there. As it is spent, nobody is paid out once the house owes more than it has: send coins to the hot wallet first.";

export const creditCommands = needMoney({
  credit: { args: "PERSON stars|coin AMOUNT WHY", summary: "gives it to a person, as an adjustment", run: credit },
  "promotion fund": {
    args: "AMOUNT WHY",
    summary: "puts coins of the house aside for free answers",
    run: fund("promotion fund", "promo"),
  },
  "float fund": {
    args: "AMOUNT WHY",
    summary: "puts coins of the house aside for workers of Stars answers",
    run: fund("float fund", "float"),
  },
} satisfies Record<string, OperatorCommand>);

async function credit(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const { words: asked, who, why } = readActWords(words, ctx.user);
  const [named_, asset, text, ...more] = asked;
  if (named_ === undefined || (asset !== "stars" && asset !== "coin") || more.length > 0)
    throw new Error("Write it as in: credit 123456789 stars 50 --why … Nothing was changed.");
  const bounds = { decimals: NANO_DECIMALS, min: 1n, max: CREDIT_MAX[asset] };
  const amount = readAmount(text, { ...bounds, what: "A credit" });
  const said = await act(ctx, { who, why, verb: "credit" }, async (acting) => {
    const person = await findPerson(acting, named_);
    const key = actKey("credit", [person, asset, amount], why);
    const before = await doneBefore(acting, key);
    if (before !== null) return { params: null, said: sentenceOfBefore(before) };
    const from = await sourceOf(acting, asset, amount);
    const to = await openAccount(acting.client, { asset, kind: "person", owner: personOwner(person) });
    await post(acting, [{ key, from: from.account, to, amount, kind: "adjustment" }]);
    const params = { person, asset, amount: String(amount), from: from.kind, key };
    return { params, said: `${named(amount, asset)} were credited to person ${person}, from ${from.title}.` };
  });
  say(said);
}

interface Source {
  readonly account: number;
  readonly kind: AccountKind;
  readonly title: string;
}

async function sourceOf(acting: Acting, asset: Asset, amount: bigint): Promise<Source> {
  const refunds = await houseAccount(acting, asset, "refunds");
  const { rows } = await acting.client.query<{ free: string }>(
    "select balance - held as free from ledger_accounts where id = $1",
    [refunds],
  );
  if (BigInt(rows[0]!.free) >= amount) return { account: refunds, kind: "refunds", title: "what was kept for refunds" };
  const title =
    asset === "coin" ? `the house's own wallet. ${CHAIN_FOLLOWS}` : "the house's gifts: nobody paid Telegram for them";
  const kind = asset === "coin" ? "own" : "gifts";
  const account =
    asset === "coin" ? await openAccount(acting.client, HOUSES_COINS) : await houseAccount(acting, asset, kind);
  return { account, kind, title };
}

function fund(verb: string, kind: "promo" | "float"): OperatorCommand["run"] {
  return async (ctx, words, say) => {
    const { words: asked, who, why } = readActWords(words, ctx.user);
    const [text, ...more] = asked;
    if (more.length > 0) throw new Error(`Write it as in: ${verb} 12.5 --why … Nothing was changed.`);
    const amount = readAmount(text, { decimals: NANO_DECIMALS, min: 1n, max: FUND_MAX, what: "An amount of coins" });
    const said = await act(ctx, { who, why, verb }, async (acting) => {
      const key = actKey(verb, [amount], why);
      const before = await doneBefore(acting, key);
      if (before !== null) return { params: null, said: sentenceOfBefore(before) };
      const from = await openAccount(acting.client, HOUSES_COINS);
      const to = await houseAccount(acting, "coin", kind);
      if (kind === "float") await keepWithin(acting, { to, amount, say });
      await post(acting, [{ key, from, to, amount, kind: "house_money" }]);
      return {
        params: { amount: String(amount), key },
        said: `${named(amount, "coin")} were put aside. ${CHAIN_FOLLOWS}`,
      };
    });
    say(said);
  };
}

/** The float is what the house may lose to Stars that Telegram takes back. */
async function keepWithin(
  { client, db }: Acting,
  { to, amount, say }: { to: number; amount: bigint; say: Say },
): Promise<void> {
  const { starsFloatMax } = await readSettings(db, say);
  const { rows } = await client.query<{ balance: string }>("select balance from ledger_accounts where id = $1", [to]);
  const balance = BigInt(rows[0]!.balance);
  if (balance + amount > starsFloatMax)
    throw new Error(
      `The float has ${named(balance, "coin")} and may have ${named(starsFloatMax, "coin")} (float max). Nothing was changed.`,
    );
}
