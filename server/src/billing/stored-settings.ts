/**
 * The house's money settings as operators stored them: one row for each, with a schema by its name. Whole numbers of 64
 * bits are decimal texts in JSON.
 */
import { z } from "zod";
import { CAP_BOUNDS } from "@starai/protocol/money";
import { faultInPrices } from "../prices/price-table.ts";
import type { PriceUnit, TokenPrices } from "../prices/price-table.ts";

const wholeNumber = ({ min, max }: { min: bigint | number; max: bigint | number }) =>
  z
    .string()
    .regex(/^\d{1,18}$/)
    .transform(BigInt)
    .refine((value) => value >= BigInt(min) && value <= BigInt(max), `must be between ${min} and ${max}`);

/** Half of what people pay is the most a house may keep: more is a typing error. */
const FEE_MAX = 5_000;
const FREE_ANSWERS_MAX = 1_000;
const FREE_DAY_MICRO_USD_MAX = 1_000_000_000n;
/** 10,000 coins. */
const FLOAT_MAX = 10_000_000_000_000n;

const Fee = z
  .strictObject({ feeBasisPoints: z.int().min(0).max(FEE_MAX), lossBasisPoints: z.int().min(0) })
  .refine(({ feeBasisPoints, lossBasisPoints }) => lossBasisPoints <= feeBasisPoints, {
    message: "what is set aside is a part of the fee",
  });

/** Every setting but the prices. */
export const SETTINGS = {
  "prices.unit": z.enum(["micro_usd", "nano"]),
  fee: Fee,
  "free.answersPerDay": z.int().min(0).max(FREE_ANSWERS_MAX),
  "free.dayMicroUsd": wholeNumber({ min: 0, max: FREE_DAY_MICRO_USD_MAX }),
  "free.inGroups": z.boolean(),
  "caps.answerMicroUsd": wholeNumber(CAP_BOUNDS.answer),
  "caps.dayMicroUsd": wholeNumber(CAP_BOUNDS.day),
  "caps.keyDayMicroUsd": wholeNumber(CAP_BOUNDS.day),
  starsFloatMax: wholeNumber({ min: 0, max: FLOAT_MAX }),
  halted: z.boolean(),
  payoutsHalted: z.boolean(),
} as const;

export type SettingName = keyof typeof SETTINGS;
/** As it is stored. */
export type StoredValue<Name extends SettingName> = z.input<(typeof SETTINGS)[Name]>;
export type SettingValues = { [Name in SettingName]?: z.output<(typeof SETTINGS)[Name]> };

/** Whose price it is: every model's of this size that has none of its own, or one model's. */
export type PriceOf =
  | { readonly kind: "class"; readonly parametersMax: number }
  | { readonly kind: "model"; readonly id: string };

const price = wholeNumber({ min: 0, max: 10n ** 15n });
const StoredPrices = z.strictObject({ prompt: price, cached: price, answer: price });

/** Prices in dollars and in coins are kept beside each other, so that the unit is changed for all of them at once. */
export function priceName(unit: PriceUnit, of: PriceOf): string {
  return `price/${unit}/${of.kind}/${of.kind === "class" ? of.parametersMax : of.id}`;
}

const PRICE_NAME = /^price\/(micro_usd|nano)\/(class|model)\/(.+)$/;

export interface StoredPrice {
  readonly unit: PriceUnit;
  readonly of: PriceOf;
  readonly prices: TokenPrices;
}

interface Row {
  readonly name: string;
  readonly value: unknown;
}

export interface StoredSettings {
  readonly values: SettingValues;
  readonly prices: readonly StoredPrice[];
}

/** @param onFault  called for each row that cannot be read, and then counts as absent */
export function readStoredSettings(rows: readonly Row[], onFault: (name: string, why: string) => void): StoredSettings {
  const values: Record<string, unknown> = {};
  const prices: StoredPrice[] = [];
  for (const { name, value } of rows) {
    const read = name.startsWith("price/") ? readPrice(name, value) : readSetting(name, value);
    if (read.kind === "fault") onFault(name, read.why);
    else if (read.kind === "price") prices.push(read.price);
    else values[name] = read.value;
  }
  return { values, prices };
}

type Read =
  | { kind: "fault"; why: string }
  | { kind: "setting"; value: unknown }
  | { kind: "price"; price: StoredPrice };

function readSetting(name: string, value: unknown): Read {
  if (!Object.hasOwn(SETTINGS, name)) return { kind: "fault", why: "there is no such setting" };
  const parsed = SETTINGS[name as SettingName].safeParse(value);
  return parsed.success
    ? { kind: "setting", value: parsed.data }
    : { kind: "fault", why: z.prettifyError(parsed.error) };
}

function readPrice(name: string, value: unknown): Read {
  const [, unit, kind, key] = PRICE_NAME.exec(name) ?? [];
  if (unit === undefined || key === undefined) return { kind: "fault", why: "there is no such setting" };
  const parsed = StoredPrices.safeParse(value);
  if (!parsed.success) return { kind: "fault", why: z.prettifyError(parsed.error) };
  const of: PriceOf = kind === "class" ? { kind, parametersMax: Number(key) } : { kind: "model", id: key };
  const price = { unit: unit as PriceUnit, of, prices: parsed.data };
  const why = faultInPrice(price);
  return why === null ? { kind: "price", price } : { kind: "fault", why };
}

/** What is wrong with a price that an operator wants; null: nothing is. */
export function faultInPrice({ unit, of, prices }: StoredPrice): string | null {
  if (of.kind === "model") return faultInPrices({ unit, classes: [], models: new Map([[of.id, prices]]) });
  if (!(Number.isSafeInteger(of.parametersMax) && of.parametersMax > 0)) return "a class is a number of parameters";
  return faultInPrices({ unit, classes: [{ parametersMax: of.parametersMax, prices }], models: new Map() });
}
