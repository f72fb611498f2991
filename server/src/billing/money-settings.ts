/**
 * The house's money settings: the code's defaults, and in their place what an operator stored. They are read again every
 * few seconds, so that a running server follows an operator's command; a bill once opened keeps what it was opened with.
 */
import type { Base } from "../base.ts";
import type { Executor } from "../db/executor.ts";
import { moneySettings } from "../db/schema.ts";
import { DEFAULT_PRICES } from "../prices/price-table.ts";
import type { PriceClass, PriceTable, PriceUnit, TokenPrices } from "../prices/price-table.ts";
import { readStoredSettings } from "./stored-settings.ts";
import type { StoredPrice, StoredSettings } from "./stored-settings.ts";

export interface MoneySettings {
  readonly prices: PriceTable;
  /** Of what a person pays, in hundredths of a percent: the house's part, of which `lossBasisPoints` are set aside. */
  readonly feeBasisPoints: number;
  /** Set aside for workers of answers that failed. */
  readonly lossBasisPoints: number;
  readonly free: {
    /** Answers a person has each UTC day. */
    readonly answersPerDay: number;
    /** Larger models are never free. */
    readonly parametersMax: number;
    /** What they may cost the house each UTC day, at list prices. */
    readonly dayMicroUsd: bigint;
    /** In groups whoever asks pays, unless this is on. */
    readonly inGroups: boolean;
  };
  /** Caps of people and keys that have none of their own, in micro-dollars. */
  readonly caps: {
    readonly answerMicroUsd: bigint;
    readonly dayMicroUsd: bigint;
    readonly keyDayMicroUsd: bigint;
  };
  /** Coins that the house may pay ahead to workers of Stars answers, in nano units. */
  readonly starsFloatMax: bigint;
  /** No new paid answers, by an operator's word. */
  readonly halted: boolean;
  /** Nobody is paid out, by an operator's word. */
  readonly payoutsHalted: boolean;
}

export const DEFAULT_SETTINGS: MoneySettings = {
  prices: DEFAULT_PRICES,
  feeBasisPoints: 1_000,
  lossBasisPoints: 500,
  free: { answersPerDay: 20, parametersMax: 5e9, dayMicroUsd: 2_000_000n, inGroups: false },
  caps: { answerMicroUsd: 20_000n, dayMicroUsd: 1_000_000n, keyDayMicroUsd: 5_000_000n },
  starsFloatMax: 50_000_000_000n,
  halted: false,
  payoutsHalted: false,
};

/** An operator's change is followed within five seconds, with the time that a read may take. */
const REMEMBER_MS = 3_000;
/** After a read that failed: what was known is used, and the database asked again soon. */
const RETRY_MS = 1_000;
/** A dozen settings, and a price for every model and class; no house sells as many. */
const ROWS_MAX = 1_000;

export class SettingsStore {
  readonly #ctx: Pick<Base, "db" | "health" | "log" | "monotonic">;
  readonly #defaults: MoneySettings;
  /** The promise is kept, so that all who ask at once share one query. */
  #read: { readonly settings: Promise<MoneySettings>; until: number } | null = null;
  #known: MoneySettings | null = null;
  /** What is wrong with rows that cannot be read, by their names: it is logged when it changes. */
  #faults: ReadonlyMap<string, string> = new Map();

  /** @param defaults  of the house; tests and the sandbox bring their own */
  constructor(ctx: Pick<Base, "db" | "health" | "log" | "monotonic">, defaults: MoneySettings = DEFAULT_SETTINGS) {
    this.#ctx = ctx;
    this.#defaults = defaults;
  }

  /** The settings; while the database is away, the last that were read. @throws when none were read since the start */
  now(): Promise<MoneySettings> {
    const now = this.#ctx.monotonic();
    if (this.#read === null || this.#read.until <= now)
      this.#read = { settings: this.#load(), until: now + REMEMBER_MS };
    return this.#read.settings;
  }

  async #load(): Promise<MoneySettings> {
    const faults = new Map<string, string>();
    try {
      const settings = await loadSettings(this.#ctx.db, this.#defaults, (name, why) => faults.set(name, why));
      this.#report(faults);
      this.#known = settings;
      return settings;
    } catch (error) {
      if (this.#read !== null) this.#read.until = this.#ctx.monotonic() + (this.#known === null ? 0 : RETRY_MS);
      if (this.#known === null) throw error;
      if (!this.#ctx.health.noticed(error))
        this.#ctx.log.warn({ err: error }, "the money settings could not be read; going on with the last known");
      return this.#known;
    }
  }

  #report(faults: ReadonlyMap<string, string>): void {
    for (const [setting, why] of faults)
      if (this.#faults.get(setting) !== why)
        this.#ctx.log.error({ setting, why }, "a stored money setting cannot be read: the default is used");
    this.#faults = faults;
  }
}

export async function loadSettings(
  db: Executor,
  defaults: MoneySettings,
  onFault: (name: string, why: string) => void,
): Promise<MoneySettings> {
  const rows = await db.select().from(moneySettings).orderBy(moneySettings.name).limit(ROWS_MAX);
  return withStored(defaults, readStoredSettings(rows, onFault));
}

/** What was stored in place of the defaults. */
export function withStored(defaults: MoneySettings, { values, prices }: StoredSettings): MoneySettings {
  const { free, caps } = defaults;
  return {
    prices: mergePrices(defaults.prices, values["prices.unit"] ?? defaults.prices.unit, prices),
    feeBasisPoints: values.fee?.feeBasisPoints ?? defaults.feeBasisPoints,
    lossBasisPoints: values.fee?.lossBasisPoints ?? defaults.lossBasisPoints,
    free: {
      answersPerDay: values["free.answersPerDay"] ?? free.answersPerDay,
      parametersMax: free.parametersMax,
      dayMicroUsd: values["free.dayMicroUsd"] ?? free.dayMicroUsd,
      inGroups: values["free.inGroups"] ?? free.inGroups,
    },
    caps: {
      answerMicroUsd: values["caps.answerMicroUsd"] ?? caps.answerMicroUsd,
      dayMicroUsd: values["caps.dayMicroUsd"] ?? caps.dayMicroUsd,
      keyDayMicroUsd: values["caps.keyDayMicroUsd"] ?? caps.keyDayMicroUsd,
    },
    starsFloatMax: values.starsFloatMax ?? defaults.starsFloatMax,
    halted: values.halted ?? defaults.halted,
    payoutsHalted: values.payoutsHalted ?? defaults.payoutsHalted,
  };
}

/** Only prices of this unit count: a default in dollars is no price in coins. */
function mergePrices(defaults: PriceTable, unit: PriceUnit, stored: readonly StoredPrice[]): PriceTable {
  const base = defaults.unit === unit ? defaults : { classes: [], models: new Map<string, TokenPrices>() };
  const classes = new Map(base.classes.map(({ parametersMax, prices }) => [parametersMax, prices]));
  const models = new Map(base.models);
  for (const { of, prices } of stored.filter((one) => one.unit === unit)) {
    if (of.kind === "class") classes.set(of.parametersMax, prices);
    else models.set(of.id, prices);
  }
  const listed = [...classes].map(([parametersMax, prices]): PriceClass => ({ parametersMax, prices }));
  return { unit, classes: listed.sort((one, other) => one.parametersMax - other.parametersMax), models };
}
