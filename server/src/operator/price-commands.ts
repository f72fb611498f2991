/** What answers cost: the house's list of prices. */
import { eq, like } from "drizzle-orm";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { exactAmount } from "@starai/protocol/amounts";
import { faultInPrice, priceName } from "../billing/stored-settings.ts";
import type { PriceOf } from "../billing/stored-settings.ts";
import type { Executor } from "../db/executor.ts";
import { moneySettings } from "../db/schema.ts";
import type { PriceUnit, TokenPrices } from "../prices/price-table.ts";
import { act, readActWords } from "./act.ts";
import type { Acting } from "./act.ts";
import { DOLLAR_DECIMALS, NANO_DECIMALS, readAmount } from "./amounts.ts";
import type { OperatorCommand, OperatorContext, Say } from "./command.ts";
import { needMoney } from "./need-money.ts";
import { changeSetting, readSettings, store } from "./settings.ts";

const UNITS = { micro_usd: "dollars", nano: "coins" } as const satisfies Record<PriceUnit, string>;
const DECIMALS = { micro_usd: DOLLAR_DECIMALS, nano: NANO_DECIMALS } as const satisfies Record<PriceUnit, number>;
/** The highest that may be asked: see prices/price-table.ts. */
const PRICE_MAX = { micro_usd: 1_000_000_000n, nano: 1_000_000_000_000n } as const satisfies Record<PriceUnit, bigint>;
const BILLION = 1e9;
const SIZE = /^(\d{1,4}(?:\.\d{1,3})?)b$/i;
const MODEL_CHARS_MAX = 100;
/** Prices of one's own, so that a list stays one that can be read. */
const PRICES_MAX = 500;

export const priceCommands = needMoney({
  prices: { args: "", summary: "shows what a million tokens cost", run: showPrices },
  "prices set": {
    args: "MODEL P/C/A [dollars|coins] WHY",
    summary: "sets the price of a model or size",
    run: setPrice,
  },
  "prices unset": {
    args: "MODEL [dollars|coins] WHY",
    summary: "takes such a price back: the default counts",
    run: unsetPrice,
  },
  "prices in": { args: "dollars|coins WHY", summary: "which list counts; one in coins needs no rate", run: setUnit },
} satisfies Record<string, OperatorCommand>);

async function showPrices({ db }: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  if (words.length > 0) throw new Error("`prices` alone shows them; to change one: prices set MODEL P/C/A --why …");
  const { prices } = await readSettings(db, say);
  const rows = await db.select({ name: moneySettings.name }).from(moneySettings);
  const stored = new Set(rows.map(({ name }) => name));
  const line = (of: PriceOf, own: TokenPrices) =>
    say(
      `  ${titleOf(of).padEnd(40)} ${written(own, prices.unit)}${stored.has(priceName(prices.unit, of)) ? "" : "  (default)"}`,
    );
  say(`A million prompt / cached / answer tokens, in ${UNITS[prices.unit]}:`);
  for (const { parametersMax, prices: own } of prices.classes) line({ kind: "class", parametersMax }, own);
  for (const [id, own] of prices.models) line({ kind: "model", id }, own);
  if (prices.classes.length + prices.models.size === 0) say("  none: no model can be paid for");
}

async function setPrice(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const { words: asked, who, why } = readActWords(words, ctx.user);
  const [model, list, unitWord, ...more] = asked;
  const of = readModel(model);
  if (list === undefined || more.length > 0)
    throw new Error(`Write the price as in: prices set ${model ?? "2.5B"} 0.015/0.004/0.06 --why …`);
  const said = await act(ctx, { who, why, verb: "prices set" }, async (acting) => {
    const unit = await unitOf(acting, unitWord, say);
    const prices = readPrices(list, unit);
    const fault = faultInPrice({ unit, of, prices });
    if (fault !== null) throw new Error(`${fault}. Nothing was changed.`);
    if ((await acting.db.$count(moneySettings)) >= PRICES_MAX)
      throw new Error(
        `There are ${PRICES_MAX} prices already: take one back first (prices unset). Nothing was changed.`,
      );
    const value = { prompt: String(prices.prompt), cached: String(prices.cached), answer: String(prices.answer) };
    const sentence = `${titleOf(of)}: ${written(prices, unit)} ${UNITS[unit]} for a million prompt / cached / answer tokens.`;
    if (!(await store(acting, priceName(unit, of), value)))
      return { params: null, said: `${sentence} It was so before.` };
    return { params: { of: titleOf(of), unit, ...value }, said: sentence + hintAbout(of) };
  });
  say(said);
}

async function unsetPrice(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const { words: asked, who, why } = readActWords(words, ctx.user);
  const [model, unitWord, ...more] = asked;
  const of = readModel(model);
  if (more.length > 0) throw new Error("Write it as in: prices unset 2.5B --why … Nothing was changed.");
  const said = await act(ctx, { who, why, verb: "prices unset" }, async ({ db }) => {
    const unit = await unitOf({ db }, unitWord, say);
    const gone = await db
      .delete(moneySettings)
      .where(eq(moneySettings.name, priceName(unit, of)))
      .returning();
    if (gone.length === 0)
      return { params: null, said: `${titleOf(of)} has no price in ${UNITS[unit]} that was set. It was so before.` };
    return {
      params: { of: titleOf(of), unit },
      said: `${titleOf(of)}: the price in ${UNITS[unit]} that was set is taken back.`,
    };
  });
  say(said);
}

async function setUnit(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  await changeSetting(ctx, { verb: "prices in", words, say }, async ([word, ...more], _now, db) => {
    const unit = readUnit(word);
    if (unit === null || more.length > 0)
      throw new Error("Prices are in dollars or in coins: prices in dollars --why … Nothing was changed.");
    // A list without prices would stop all paid answers, and nobody would see why.
    if (unit === "nano") await needCoinPrices(db);
    const said = `Prices are in ${UNITS[unit]} from now on; what is being answered keeps its price.`;
    return { name: "prices.unit", value: unit, said };
  });
}

async function needCoinPrices(db: Executor): Promise<void> {
  const inCoins = await db.$count(moneySettings, like(moneySettings.name, "price/nano/%"));
  if (inCoins === 0)
    throw new Error(
      "No price in coins is set yet: prices set 2.5B 0.0088/0.0022/0.035 coins --why … Nothing was changed.",
    );
}

/** The unit that counts now, where the command names none. */
async function unitOf({ db }: Pick<Acting, "db">, word: string | undefined, say: Say): Promise<PriceUnit> {
  if (word === undefined) return (await readSettings(db, say)).prices.unit;
  const unit = readUnit(word);
  if (unit === null)
    throw new Error(`Prices are in dollars or in coins, not in "${word.slice(0, 40)}". Nothing was changed.`);
  return unit;
}

function readUnit(word: string | undefined): PriceUnit | null {
  if (word === "dollars") return "micro_usd";
  return word === "coins" ? "nano" : null;
}

function readModel(word: string | undefined): PriceOf {
  const [, billions] = SIZE.exec(word ?? "") ?? [];
  if (billions !== undefined) return { kind: "class", parametersMax: Math.round(Number(billions) * BILLION) };
  if (word === undefined || word === "" || word.length > MODEL_CHARS_MAX || /[\p{C}\s]/u.test(word))
    throw new Error("Name a model by its id, or a size such as 2.5B. Nothing was changed.");
  return { kind: "model", id: word };
}

function readPrices(list: string, unit: PriceUnit): TokenPrices {
  const parts = list.split("/");
  if (parts.length !== 3)
    throw new Error(`Three prices are needed, for prompt/cached/answer: 0.015/0.004/0.06. Nothing was changed.`);
  const [prompt, cached, answer] = (["prompt", "cached", "answer"] as const).map((kind, at) =>
    readAmount(parts[at], {
      decimals: DECIMALS[unit],
      min: 0n,
      max: PRICE_MAX[unit],
      what: `The price of a million ${kind} tokens in ${UNITS[unit]}`,
    }),
  ) as [bigint, bigint, bigint];
  return { prompt, cached, answer };
}

function titleOf(of: PriceOf): string {
  return of.kind === "class" ? `models up to ${of.parametersMax / BILLION}B` : of.id;
}

function written({ prompt, cached, answer }: TokenPrices, unit: PriceUnit): string {
  const scale = 10n ** BigInt(NANO_DECIMALS - DECIMALS[unit]);
  return [prompt, cached, answer].map((price) => exactAmount(price * scale)).join(" / ");
}

/** A slip in an id would be a price that never counts. */
function hintAbout(of: PriceOf): string {
  if (of.kind === "class" || loadCatalogue().has(of.id)) return "";
  return `\nNo model of the catalogue has this id: it counts for a model file of your own that has.`;
}
